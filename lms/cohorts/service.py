"""Cohorts, who belongs to them, and the statements a student signs for an enrolment."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import cache
from typing import TypeVar

from flask import g
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager
from sqlalchemy.orm.attributes import set_committed_value

from lms import audit, clock
from lms.access import Permission, Role
from lms.accounts import service as accounts
from lms.accounts.models import User
from lms.audit import AuditEvent
from lms.cohorts import rules
from lms.cohorts.models import Cohort, CohortInstructor, Enrolment, StatementSignature
from lms.cohorts.rules import CohortState, EnrolmentState, MoveReason
from lms.db import db
from lms.errors import Conflict, NotFound, RuleBroken
from lms.i18n import _
from lms.ledger import service as ledger
from lms.school import service as school
from lms.school.models import Statement
from lms.school.rules import may_open_enrolment

T = TypeVar("T")
MOVES = ("enrolment.created", *(f"enrolment.{state}" for state in EnrolmentState))
STATEMENT_KEYS = ("does-not-license", "honour", "training-partner")
SIGNED = select(StatementSignature.enrolment_id, StatementSignature.key, StatementSignature.signed_at).where(
    StatementSignature.enrolment_id.in_(bindparam("enrolments", expanding=True))
)


# ---- who sees what ----------------------------------------------------------------------------------------------
def visible_to(user: User) -> Select[Cohort]:
    """An instructor sees the cohorts they are assigned to, a student those they are enrolled in, the office all."""
    query = select(Cohort)
    if user.role is Role.INSTRUCTOR:
        return query.where(Cohort.id.in_(select(CohortInstructor.cohort_id).filter_by(user_id=user.id)))
    if user.role is Role.STUDENT:
        return query.where(Cohort.id.in_(select(Enrolment.cohort_id).filter_by(user_id=user.id)))
    return query


def get(cohort_id: int, *, for_: User) -> Cohort:
    return _one(visible_to(for_).where(Cohort.id == cohort_id))


def enrolments_visible_to(user: User) -> Select[Enrolment]:
    query = select(Enrolment).join(Enrolment.user).join(Enrolment.cohort)
    query = query.options(contains_eager(Enrolment.user), contains_eager(Enrolment.cohort))
    if user.role is Role.STUDENT:
        return query.where(Enrolment.user_id == user.id)
    if user.role is Role.INSTRUCTOR:
        return query.where(Enrolment.cohort_id.in_(select(CohortInstructor.cohort_id).filter_by(user_id=user.id)))
    return query


def enrolment(enrolment_id: int, *, for_: User) -> Enrolment:
    return _one(enrolments_visible_to(for_).where(Enrolment.id == enrolment_id))


def _one(query: Select[T]) -> T:
    row = db.session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFound
    return row


@cache
def _newest_enrolment() -> Select[Enrolment]:
    query = select(Enrolment).join(Enrolment.cohort).options(contains_eager(Enrolment.cohort))
    query = query.where(Enrolment.user_id == bindparam("user"), Enrolment.state.in_(rules.SEES_LESSONS))
    return query.order_by(Enrolment.id.desc()).limit(1)


def current_enrolment(user: User) -> Enrolment | None:
    """A student's newest enrolment that still shows lessons; read once a request."""
    known = g.get("current_enrolment")
    if known is not None and known.user_id == user.id and known in db.session:
        return known
    g.current_enrolment = db.session.scalars(_newest_enrolment(), {"user": user.id}).first()
    if g.current_enrolment is not None:  # the person is loaded already: most pages of a student begin here
        set_committed_value(g.current_enrolment, "user", db.session.get_one(User, user.id))
    return g.current_enrolment


def is_instructor_of(cohort_id: int, user_id: int) -> bool:
    query = select(CohortInstructor.user_id).join(CohortInstructor.user)
    query = query.where(CohortInstructor.cohort_id == cohort_id, CohortInstructor.user_id == user_id)
    return db.session.scalars(query.where(User.active, User.role == Role.INSTRUCTOR)).first() is not None


def people_of(cohort_id: int) -> list[Enrolment]:
    """Everyone of a cohort by name, with their person."""
    query = select(Enrolment).join(Enrolment.user).options(contains_eager(Enrolment.user))
    return list(db.session.scalars(query.where(Enrolment.cohort_id == cohort_id).order_by(User.sort_key, Enrolment.id)))


def people_of_all(cohort_ids: Iterable[int]) -> list[Enrolment]:
    """Everyone of these cohorts by name, with person and cohort."""
    query = select(Enrolment).join(Enrolment.user).join(Enrolment.cohort)
    query = query.options(contains_eager(Enrolment.user), contains_eager(Enrolment.cohort))
    query = query.where(Enrolment.cohort_id.in_(list(cohort_ids)))
    return list(db.session.scalars(query.order_by(User.sort_key, Enrolment.id)))


def instructors_of(cohort_id: int) -> list[User]:
    query = select(User).join(CohortInstructor, CohortInstructor.user_id == User.id)
    return list(db.session.scalars(query.where(CohortInstructor.cohort_id == cohort_id).order_by(User.sort_key)))


def sizes(cohort_ids: Iterable[int]) -> dict[int, int]:
    query = select(Enrolment.cohort_id, func.count()).where(
        Enrolment.cohort_id.in_(list(cohort_ids)), Enrolment.state != EnrolmentState.WITHDRAWN
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Enrolment.cohort_id))}


def _office(by: int | None) -> None:
    """The admin's right as it is now, the school's row first; nobody's where the console acts. Raises NotAllowed."""
    if by is not None:
        school.hold()
        accounts.acting(by, Permission.MANAGE_COHORTS)


# ---- cohorts ----------------------------------------------------------------------------------------------------
def create(
    *,
    name: str,
    course_version_id: int,
    starts_on: date,
    ends_on: date,
    room: str,
    instructors: Iterable[int],
    by: int | None,
) -> Cohort:
    """A draft cohort. Raises RuleBroken for dates in the wrong order or somebody who is no active instructor."""
    if ends_on < starts_on:
        raise RuleBroken(_("The cohort must end after it starts."))
    with db.write():
        _office(by)
        cohort = Cohort(name=name, course_version_id=course_version_id, starts_on=starts_on, ends_on=ends_on, room=room)
        db.session.add(cohort)
        db.session.flush()
        _assign(cohort.id, instructors)
        audit.record("cohort.created", by=by, subject=("cohort", cohort.id))
    return cohort


def change(
    cohort_id: int,
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    room: str,
    instructors: Iterable[int],
    version: int,
    by: int,
) -> None:
    """Raises Conflict when somebody saved since `version`."""
    if ends_on < starts_on:
        raise RuleBroken(_("The cohort must end after it starts."))
    with db.write():
        _office(by)
        cohort = db.locked(Cohort, cohort_id)
        if cohort.version != version:
            saved = {"name": cohort.name, "starts_on": str(cohort.starts_on), "ends_on": str(cohort.ends_on)}
            raise Conflict(saved | {"room": cohort.room}, cohort.version)
        cohort.name, cohort.starts_on, cohort.ends_on, cohort.room = name, starts_on, ends_on, room
        cohort.version += 1
        _assign(cohort_id, instructors)
        audit.record("cohort.changed", by=by, subject=("cohort", cohort_id))


def _assign(cohort_id: int, instructors: Iterable[int]) -> None:
    wanted = set(instructors)
    allowed = set(
        db.session.scalars(select(User.id).where(User.id.in_(wanted), User.role == Role.INSTRUCTOR, User.active))
    )
    if wanted - allowed:
        raise RuleBroken(_("Only an active instructor can be assigned to a cohort."))
    rows = {row.user_id: row for row in db.session.scalars(select(CohortInstructor).filter_by(cohort_id=cohort_id))}
    for user_id in rows.keys() - wanted:
        db.session.delete(rows[user_id])
    db.session.add_all(
        CohortInstructor(cohort_id=cohort_id, user_id=user_id) for user_id in sorted(wanted - rows.keys())
    )


def move_cohort(cohort_id: int, state: CohortState, *, by: int | None) -> None:
    """Raises RuleBroken where the cohort's life does not lead there, or the school may not open enrolment."""
    with db.write():
        _office(by)
        of = school.current()
        if state is CohortState.OPEN and not may_open_enrolment(of.approval, of.approval_reference):
            raise RuleBroken(
                _("Enrollment cannot open: the school's settings hold no approval or exemption reference yet.")
            )
        cohort = db.locked(Cohort, cohort_id)
        if not rules.cohort_may_move(cohort.state, state):
            raise RuleBroken(_("This cohort cannot go from “%(old)s” to “%(new)s”.", old=cohort.state, new=state))
        cohort.state, cohort.version = state, cohort.version + 1
        audit.record(f"cohort.{state}", by=by, subject=("cohort", cohort_id))


# ---- enrolments -------------------------------------------------------------------------------------------------
def enrol(cohort_id: int, user_id: int, *, by: int | None) -> Enrolment:
    """Raises RuleBroken when the cohort takes nobody, or the person is no active student or enrolled already."""
    with db.write():
        _office(by)
        cohort = db.locked(Cohort, cohort_id)
        if cohort.state not in (CohortState.OPEN, CohortState.RUNNING):
            raise RuleBroken(_("This cohort takes nobody now: open its enrollment first."))
        person = db.locked(User, user_id)
        if person.role is not Role.STUDENT or not person.active:
            raise RuleBroken(_("Only an active student can be enrolled."))
        row = Enrolment(
            cohort_id=cohort_id,
            user_id=user_id,
            course_version_id=cohort.course_version_id,
            started_on=max(cohort.starts_on, school.today()),
            created_at=clock.now(),
            created_by_id=by,
        )
        db.session.add(row)
        try:
            db.session.flush()
        except IntegrityError as twice:
            raise RuleBroken(_("This person is already in the cohort.")) from twice
        audit.record("enrolment.created", by=by, subject=("enrolment", row.id))
    return row


def enrol_new(cohort_id: int, *, legal_name: str, email: str | None, locale: str | None, by: int) -> Enrolment:
    """A new student with an invitation: mailed where there is an address, else on a slip to print."""
    with db.write():
        _office(by)
        person = accounts.create(legal_name=legal_name, role=Role.STUDENT, email=email, locale=locale, by=by)
        row = enrol(cohort_id, person.id, by=by)
        accounts.invite(person.id, by=by)
    return row


def move(enrolment_id: int, state: EnrolmentState, *, by: int, reason: MoveReason | None = None) -> None:
    """Raises RuleBroken where the enrolment's life does not lead there."""
    with db.write():
        if state is not EnrolmentState.AWARDED:  # that one is part of an issue, which has looked at its issuer
            _office(by)
        row = db.locked(Enrolment, enrolment_id)
        if not rules.may_move(row.state, state):
            raise RuleBroken(_("This enrollment cannot go from “%(old)s” to “%(new)s”.", old=row.state, new=state))
        audit.record(f"enrolment.{state}", by=by, subject=("enrolment", enrolment_id), old=row.state, reason=reason)
        row.state, row.version = state, row.version + 1


def history(enrolment_id: int) -> list[AuditEvent]:
    """How the enrolment came about and each change of its state, oldest first."""
    query = select(AuditEvent).filter_by(subject_kind="enrolment", subject_id=str(enrolment_id))
    return list(db.session.scalars(query.where(AuditEvent.action.in_(MOVES)).order_by(AuditEvent.id)))


# ---- statements -------------------------------------------------------------------------------------------------
def statements_to_sign(row: Enrolment, signed: Collection[str] | None = None) -> list[Statement]:
    """The statements in force that this enrolment has not signed in any version.

    `signed` are the keys of those it has, from who has read them already.
    """
    known = signed_statement_keys([row.id])[row.id] if signed is None else signed
    left = [key for key in STATEMENT_KEYS if key not in known]
    return school.statements_in_force(left) if left else []


def statements_signed_on(enrolment_ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """{enrolment: {key of a statement: when it was first signed in any version}}."""
    found: dict[int, dict[str, datetime]] = {one: {} for one in enrolment_ids}
    for enrolment_id, key, at in db.session.execute(SIGNED, {"enrolments": list(found)}):
        found[enrolment_id][key] = min(at, found[enrolment_id].get(key, at))
    return found


def signed_statement_keys(enrolment_ids: Iterable[int]) -> dict[int, set[str]]:
    return {one: set(days) for one, days in statements_signed_on(enrolment_ids).items()}


def signed_text(enrolment_id: int, statement_id: int) -> Statement:
    """The text that this enrolment signed. Raises NotFound for one that it did not."""
    query = select(Statement).join(StatementSignature, StatementSignature.statement_id == Statement.id)
    return _one(query.where(StatementSignature.enrolment_id == enrolment_id, Statement.id == statement_id))


def sign_statement(enrolment_id: int, statement_id: int, *, language: str, by: int) -> StatementSignature:
    """The student signs the text they were shown, in the language they were shown it."""
    with db.write():
        row = db.locked(Enrolment, enrolment_id)
        text = db.locked(Statement, statement_id)
        if row.user_id != by:
            raise NotFound
        if row.state not in rules.LEARNING:
            raise RuleBroken(_("This enrollment is not active, so nothing can be signed for it."))
        if text.key in signed_statement_keys([enrolment_id])[enrolment_id]:
            raise RuleBroken(_("You have signed this already."))
        person, now = accounts.acting(by, Permission.LEARN), clock.now()
        signature = StatementSignature(
            enrolment_id=enrolment_id,
            statement_id=statement_id,
            key=text.key,
            signed_at=now,
            entry_seq=ledger.next_seq(),
        )
        db.session.add(signature)
        db.session.flush()
        audit.record("statement.signed", by=by, subject=("enrolment", enrolment_id), statement=text.key)
        ledger.append(
            "statement.signed",
            statement={
                "statement": text.key,
                "statement_id": text.id,
                "text": text.get(language),
                "language": language,
                "enrolment": enrolment_id,
            },
            values={"student": person.legal_name},
            received={"signer": {"id": by, "role": "student"}, "auth": {"method": "session"}},
            subject_id=by,
            at=now,
        )
    return signature


def not_yet_in(cohort_id: int) -> list[User]:
    """Active students who are not enrolled in the cohort."""
    enrolled = select(Enrolment.user_id).filter_by(cohort_id=cohort_id)
    query = select(User).where(User.role == Role.STUDENT, User.active, User.id.not_in(enrolled))
    return list(db.session.scalars(query.order_by(User.sort_key)))
