"""Gather what is recorded for enrolments, and judge it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, union_all

from lms import clock
from lms.catalog import service as catalog
from lms.certificates.eligibility import Clause, Evidence, Needs, Outline, Rules, Standing, needs_of, settled, standing
from lms.certificates.eligibility import clauses as judged
from lms.cohorts import roll
from lms.cohorts import service as cohorts
from lms.cohorts.models import StatementSignature
from lms.cohorts.roll import Enrolled
from lms.db import db
from lms.hours import service as hours
from lms.hours.models import ClockDecision, ClockEntry
from lms.hours.rules import Totals
from lms.ledger.models import LedgerEntry
from lms.practicals import service as practicals
from lms.practicals.models import Sheet
from lms.practicals.rules import Verdict
from lms.quizzes.service import passed_on
from lms.school import service as school
from lms.school.rules import UNBUILT

Reached = Mapping[int, Mapping[str, datetime]]  # {enrolment: {thing: when it was reached}}


def rules_in_force() -> Rules:
    return Rules(
        today=school.today(),
        name_days=school.policy("legal_name_days"),
        statements=cohorts.STATEMENT_KEYS,
        unbuilt=tuple(sorted(key for key in UNBUILT if school.policy(key))),
    )


def switched_off() -> list[str]:
    """Policies for things that cannot be recorded here yet: nobody is asked for them."""
    return sorted(key for key in UNBUILT if not school.policy(key))


@dataclass(frozen=True)
class Gathered:
    """What is recorded for some enrolments; each fact was read once for all of them."""

    hours: Mapping[int, Totals]
    quizzes: Reached
    skills: Reached
    statements: Reached
    rules: Rules
    needs: Mapping[int, Needs]  # by course version
    zone: str

    def standing(self, row: Enrolled) -> Standing:
        """Of somebody who holds no certificate."""
        return standing(self.needs[row.course_version_id], self._outline(row), self.rules, holds_certificate=False)

    def clauses(self, row: Enrolled) -> list[Clause]:
        """Every clause of the enrolment's own edition, as it stands now."""
        version = row.course_version_id
        return judged(catalog.edition(version), self._evidence(row), self.rules, self.needs[version])

    def _outline(self, row: Enrolled) -> Outline:
        hours = self.hours[row.id]
        return Outline(
            state=row.state,
            name_confirmed_on=self._day(row.name_confirmed_at),
            adult_attested_on=self._day(row.adult_attested_at),
            minutes=hours.minutes,
            pending=hours.pending,
            quizzes=self.quizzes[row.id],
            skills=self.skills[row.id],
            statements=self.statements[row.id],
        )

    def _evidence(self, row: Enrolled) -> Evidence:
        hours = self.hours[row.id]
        return Evidence(
            state=row.state,
            started_on=row.started_on,
            name_confirmed_on=self._day(row.name_confirmed_at),
            adult_attested_on=self._day(row.adult_attested_at),
            minutes=hours.minutes,
            pending=hours.pending,
            last_approved_on=self._day(hours.last_approved_at),
            quizzes=self._days(self.quizzes[row.id]),
            skills=self._days(self.skills[row.id]),
            statements=self._days(self.statements[row.id]),
        )

    def _days(self, reached: Mapping[str, datetime]) -> dict[str, date]:
        return {thing: clock.local_date(at, self.zone) for thing, at in reached.items()}

    def _day(self, moment: datetime | None) -> date | None:
        return clock.local_date(moment, self.zone) if moment else None


def gather(
    rows: Collection[Enrolled],
    *,
    quizzes: Reached | None = None,
    skills: Reached | None = None,
    statements: Reached | None = None,
) -> Gathered:
    """In a number of queries that does not grow with the rows. What the caller has read already is not read again."""
    ids = [row.id for row in rows]
    return Gathered(
        hours=hours.totals(ids),
        quizzes=passed_on(ids) if quizzes is None else quizzes,
        skills=practicals.signed_on(ids) if skills is None else skills,
        statements=cohorts.statements_signed_on(ids) if statements is None else statements,
        rules=rules_in_force(),
        needs=_needs(rows),
        zone=school.current().zone,
    )


def _needs(rows: Iterable[Enrolled]) -> dict[int, Needs]:
    return {version: needs_of(catalog.edition(version)) for version in {row.course_version_id for row in rows}}


def standings(rows: Collection[Enrolled], passed: Reached, awarded: Collection[int]) -> dict[int, Standing]:
    """Where everyone stands. Of most of a cohort under way the quizzes say it: only of the others more is read.

    `awarded` are the enrolments that hold a certificate.
    """
    needs = _needs(rows)
    found = {
        row.id: settled(needs[row.course_version_id], row.state, passed[row.id], holds_certificate=row.id in awarded)
        for row in rows
    }
    others = [row for row in rows if found[row.id] is None]
    gathered = gather(others, quizzes=passed)
    return {one: early for one, early in found.items() if early} | {row.id: gathered.standing(row) for row in others}


def clauses(enrolment_ids: Iterable[int]) -> dict[int, list[Clause]]:
    """Every clause of each enrolment's own edition, as it stands now."""
    rows = roll.enrolled(enrolment_ids)
    gathered = gather(rows)
    return {row.id: gathered.clauses(row) for row in rows}


def rests_on(enrolment_id: int) -> list[str]:
    """The hashes of the ledger entries behind a certificate: approved hours, signed sheets, signed statements."""
    approved = (
        select(ClockDecision.ledger_seq)
        .join(ClockEntry, ClockEntry.id == ClockDecision.entry_id)
        .where(ClockEntry.enrolment_id == enrolment_id, ClockDecision.approved)
    )
    shown = select(Sheet.entry_seq).where(Sheet.enrolment_id == enrolment_id, Sheet.verdict == Verdict.DEMONSTRATED)
    signed = select(StatementSignature.entry_seq).where(StatementSignature.enrolment_id == enrolment_id)
    entries = select(LedgerEntry.hash).where(LedgerEntry.seq.in_(union_all(approved, shown, signed)))
    return list(db.session.scalars(entries.order_by(LedgerEntry.seq)))
