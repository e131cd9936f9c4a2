"""Who of a cohort is ready, and what each of the others waits for: one page of rows, and counts of all."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lms.accounts.models import User
from lms.accounts.rules import search_key
from lms.catalog import service as catalog
from lms.certificates.eligibility import Clause, Group, Standing, count, standing, unmet
from lms.certificates.eligibility import clauses as judged
from lms.certificates.evidence import facts_of, rules_in_force
from lms.certificates.models import Certificate, Revocation
from lms.cohorts import service as cohorts
from lms.cohorts.models import Cohort, Enrolment
from lms.db import db

PAGE = 50


@dataclass(frozen=True)
class Row:
    """One student as the board shows them."""

    enrolment_id: int
    name: str
    locale: str
    search_key: str
    clauses: Sequence[Clause]
    standing: Standing
    certificate_id: int | None

    @property
    def reason(self) -> Clause | None:
        """The first clause that does not hold: the one reason of the row."""
        missing = unmet(self.clauses)
        return missing[0] if missing else None

    def count(self, group: Group) -> tuple[int, int]:
        return count(self.clauses, group)


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
    """Raises NotFound for a cohort that is not theirs to see."""
    cohort = cohorts.get(cohort_id, for_=for_)
    rows = rows_of(cohorts.people_of(cohort_id))
    keys = search_key(words).split()[:8]
    chosen = [row for row in rows if wanted in (None, row.standing) and all(key in row.search_key for key in keys)]
    shown = _from(chosen, after)[: PAGE + 1]
    return Board(
        cohort=cohort,
        rows=shown[:PAGE],
        counts=Counter(row.standing for row in rows),
        total=len(rows),
        matching=len(chosen),
        after=shown[PAGE - 1].enrolment_id if len(shown) > PAGE else None,
    )


def _from(rows: list[Row], after: int | None) -> list[Row]:
    place = next((at for at, row in enumerate(rows, 1) if row.enrolment_id == after), 0)
    return rows[place:]


def rows_of(people: Collection[Enrolment]) -> list[Row]:
    """In the order given, of enrolments that were loaded with their person."""
    facts, rules, awarded = facts_of(people), rules_in_force(), _awarded([row.id for row in people])
    found: list[Row] = []
    for row in people:
        clauses = judged(catalog.edition(row.course_version_id), facts[row.id], rules)
        held = awarded.get(row.id)
        found.append(
            Row(
                enrolment_id=row.id,
                name=row.user.legal_name,
                locale=row.user.locale or "en",
                search_key=row.user.search_key,
                clauses=clauses,
                standing=standing(clauses, row.state, holds_certificate=held is not None),
                certificate_id=held,
            )
        )
    return found


def _awarded(enrolment_ids: list[int]) -> dict[int, int]:
    query = select(Certificate.enrolment_id, Certificate.id).outerjoin(Certificate.revocation)
    query = query.where(Certificate.enrolment_id.in_(enrolment_ids), Revocation.id.is_(None))
    return {row[0]: row[1] for row in db.session.execute(query)}
