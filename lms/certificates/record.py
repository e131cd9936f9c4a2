"""A student's own way to the certificate, and the certificate once it is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.certificates import service
from lms.certificates.eligibility import Clause, Group, Why, count, unmet
from lms.certificates.evidence import clauses
from lms.certificates.models import Certificate
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.db import db
from lms.hours import service as hours
from lms.ledger.types import Json

Place = tuple[str, dict[str, int]]  # an endpoint and its values


@dataclass(frozen=True)
class Task:
    """One group of clauses as a row of what is left."""

    group: Group
    have: int
    need: int
    missing: Sequence[Clause]
    place: Place | None


@dataclass(frozen=True)
class Record:
    enrolment: Enrolment
    edition: Edition
    clauses: Sequence[Clause]
    tasks: Sequence[Task]
    minutes: dict[str, int]
    certificate: Certificate | None
    facts: Json
    revoked: Certificate | None  # the last one, where none is in force

    @property
    def left(self) -> int:
        return sum(bool(task.missing) for task in self.tasks)


def of(student: User) -> Record | None:
    """Of the newest enrolment; None for somebody who never had one."""
    enrolment = cohorts.current_enrolment(student) or _newest(student)
    if enrolment is None:
        return None
    found = clauses([enrolment.id])[enrolment.id]
    rows = [row for row in _certificates(student) if row.enrolment_id == enrolment.id]
    certificate = next((row for row in rows if row.revocation is None), None)
    return Record(
        enrolment=enrolment,
        edition=catalog.edition(enrolment.course_version_id),
        clauses=found,
        tasks=[_task(group, found, enrolment) for group in Group],
        minutes=hours.approved_minutes([enrolment.id]).get(enrolment.id, {}),
        certificate=certificate,
        facts=service.facts_printed(certificate) if certificate else {},
        revoked=rows[0] if rows and certificate is None else None,
    )


def _newest(student: User) -> Enrolment | None:
    query = cohorts.enrolments_visible_to(student).where(Enrolment.user_id == student.id)
    return db.session.scalars(query.order_by(Enrolment.id.desc()).limit(1)).first()


def _certificates(student: User) -> list[Certificate]:
    return list(db.session.scalars(service.visible_to(student).order_by(Certificate.id.desc())))


def _task(group: Group, found: Sequence[Clause], enrolment: Enrolment) -> Task:
    missing = [clause for clause in unmet(found) if clause.group is group]
    have, need = count(found, group)
    return Task(group, have, need, missing, _where(group, missing, enrolment))


def _where(group: Group, missing: Sequence[Clause], enrolment: Enrolment) -> Place | None:
    """Where the student does the next thing of a group."""
    if group is not Group.PAPERS:
        pages = {Group.LEARNING: "courses.index", Group.SKILLS: "practicals.mine", Group.HOURS: "hours.mine"}
        return pages[group], {}
    if any(clause.why is Why.STATEMENT for clause in missing):
        return "cohorts.sign_statement", {"statement_id": cohorts.statements_to_sign(enrolment)[0].id}
    pages = {Why.NAME: "accounts.name", Why.NAME_OLD: "accounts.name", Why.ADULT: "accounts.adult"}
    return next(((pages[clause.why], {}) for clause in missing if clause.why in pages), None)
