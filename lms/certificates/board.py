"""Who of a cohort is ready, and what each of the others waits for: one page of rows, and counts of all."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lms.accounts.models import User
from lms.accounts.rules import search_key
from lms.certificates import evidence
from lms.certificates.eligibility import Clause, Group, Standing, count, unmet
from lms.certificates.evidence import Reached
from lms.certificates.held import Held, held
from lms.cohorts import roll
from lms.cohorts import service as cohorts
from lms.cohorts.models import Cohort
from lms.cohorts.roll import Enrolled
from lms.quizzes.service import passed_on

PAGE = 50


@dataclass(frozen=True)
class Row:
    """One student as the board shows them."""

    enrolment_id: int
    name: str
    locale: str
    clauses: Sequence[Clause]
    standing: Standing
    certificate_id: int | None

    @property
    def reason(self) -> Clause | None:
        """The first clause that does not hold: the one reason of the row."""
        missing = unmet(self.clauses)
        return missing[0] if missing else None

    def count(self, group: Group) -> tuple[int, int]:
        """How much of a group is done, of how much. Of who is awarded all of it: on that day everything held."""
        have, need = count(self.clauses, group)
        return (need if self.standing is Standing.AWARDED else have), need


@dataclass(frozen=True)
class Board:
    cohort: Cohort
    rows: list[Row]
    counts: Counter[Standing]
    total: int
    matching: int
    after: int | None  # the row after which the next page begins


def board(
    cohort_id: int, *, for_: User, wanted: Standing | None = None, words: str = "", after: int | None = None
) -> Board:
    """Everyone is counted; clauses are made for the rows shown. Raises NotFound for a cohort not theirs to see."""
    cohort = cohorts.get(cohort_id, for_=for_)
    people = roll.enrolled_in([cohort_id])
    ids = [row.id for row in people]
    passed, awarded = passed_on(ids), held(ids)
    standings = evidence.standings(people, passed, awarded)
    keys = search_key(words).split()[:8]
    chosen = [
        row for row in people if wanted in (None, standings[row.id]) and all(key in row.search_key for key in keys)
    ]
    shown = _from(chosen, after)[: PAGE + 1]
    return Board(
        cohort=cohort,
        rows=_rows(shown[:PAGE], standings, awarded, passed),
        counts=Counter(standings.values()),
        total=len(people),
        matching=len(chosen),
        after=shown[PAGE - 1].id if len(shown) > PAGE else None,
    )


def _from(rows: list[Enrolled], after: int | None) -> list[Enrolled]:
    place = next((at for at, row in enumerate(rows, 1) if row.id == after), 0)
    return rows[place:]


def rows_of(people: Collection[Enrolled]) -> list[Row]:
    """In the order given."""
    ids = [row.id for row in people]
    passed, awarded = passed_on(ids), held(ids)
    return _rows(people, evidence.standings(people, passed, awarded), awarded, passed)


def _rows(
    people: Collection[Enrolled], standings: Mapping[int, Standing], awarded: Mapping[int, Held], passed: Reached
) -> list[Row]:
    gathered = evidence.gather(people, quizzes=passed)
    return [
        Row(
            enrolment_id=row.id,
            name=row.name,
            locale=row.locale or "en",
            clauses=gathered.clauses(row),
            standing=standings[row.id],
            certificate_id=awarded[row.id].id if row.id in awarded else None,
        )
        for row in people
    ]
