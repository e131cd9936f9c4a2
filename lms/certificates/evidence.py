"""Gather what is recorded for enrolments, in a number of queries that does not grow with them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import contains_eager

from lms import clock
from lms.catalog import service as catalog
from lms.certificates.eligibility import Clause, Evidence, Rules
from lms.certificates.eligibility import clauses as judged
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment, StatementSignature
from lms.db import db
from lms.hours import service as hours
from lms.hours.models import ClockDecision, ClockEntry
from lms.ledger.models import LedgerEntry
from lms.practicals import service as practicals
from lms.practicals.models import Sheet
from lms.practicals.rules import Verdict
from lms.quizzes import service as quizzes
from lms.quizzes.models import Attempt
from lms.school import service as school
from lms.school.rules import UNBUILT

Days = dict[int, dict[str, date]]  # {enrolment: {thing: the day it was reached}}


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


def clauses(enrolment_ids: Iterable[int]) -> dict[int, list[Clause]]:
    """Every clause of each enrolment's own edition, as it stands now."""
    rows = _enrolments(enrolment_ids)
    facts, rules = facts_of(rows), rules_in_force()
    return {row.id: judged(catalog.edition(row.course_version_id), facts[row.id], rules) for row in rows}


def facts_for(enrolment_ids: Iterable[int]) -> dict[int, Evidence]:
    return facts_of(_enrolments(enrolment_ids))


def facts_of(rows: Collection[Enrolment]) -> dict[int, Evidence]:
    """As `facts_for`, of enrolments that were loaded with their person."""
    ids = [row.id for row in rows]
    minutes, pending, approved = hours.approved_minutes(ids), hours.pending_count(ids), hours.last_approved(ids)
    passed, signed, statements = _passed(ids), _signed(ids), _statements(ids)
    return {
        row.id: Evidence(
            state=row.state,
            started_on=row.started_on,
            name_confirmed_on=_day(row.user.legal_name_confirmed_at),
            adult_attested_on=_day(row.user.adult_attested_at),
            minutes=minutes.get(row.id, {}),
            pending=pending.get(row.id, 0),
            last_approved_on=_day(approved.get(row.id)),
            quizzes=passed[row.id],
            skills=signed[row.id],
            statements=statements[row.id],
        )
        for row in rows
    }


def _enrolments(ids: Iterable[int]) -> list[Enrolment]:
    query = select(Enrolment).join(Enrolment.user).options(contains_eager(Enrolment.user))
    return list(db.session.scalars(query.where(Enrolment.id.in_(list(ids)))))


def _day(moment: datetime | None) -> date | None:
    return clock.local_date(moment, school.current().zone) if moment else None


def _passed(ids: list[int]) -> Days:
    """Whether a quiz is passed is the quizzes' to say; the day is that of the first attempt that did."""
    query = select(Attempt.enrolment_id, Attempt.module_id, func.min(Attempt.submitted_at))
    query = query.where(Attempt.enrolment_id.in_(ids), Attempt.passed.is_(True))
    return _dated(quizzes.passed_modules(ids), query.group_by(Attempt.enrolment_id, Attempt.module_id))


def _signed(ids: list[int]) -> Days:
    """Which skills are signed is the practicals' to say; the day is that of the newest sheet that shows it."""
    query = select(Sheet.enrolment_id, Sheet.skill_id, func.max(Sheet.signed_at))
    query = query.where(Sheet.enrolment_id.in_(ids), Sheet.verdict == Verdict.DEMONSTRATED)
    return _dated(practicals.signed_skills(ids), query.group_by(Sheet.enrolment_id, Sheet.skill_id))


def _statements(ids: list[int]) -> Days:
    query = select(StatementSignature.enrolment_id, StatementSignature.key, func.min(StatementSignature.signed_at))
    query = query.where(StatementSignature.enrolment_id.in_(ids))
    query = query.group_by(StatementSignature.enrolment_id, StatementSignature.key)
    return _dated(cohorts.signed_statement_keys(ids), query)


def _dated(reached: dict[int, set[str]], query: Select[Any, Any, Any]) -> Days:
    found: Days = defaultdict(dict)
    for enrolment_id, thing, moment in db.session.execute(query):
        if moment is not None and thing in reached.get(enrolment_id, ()):
            found[enrolment_id][thing] = clock.local_date(moment, school.current().zone)
    return found


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
