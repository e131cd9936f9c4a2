"""A small school in which everybody has something that somebody else wants."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar
from unittest.mock import patch

import sqlalchemy as sa

from lms import clock
from lms.access import Role
from lms.accounts.models import User
from lms.accounts.service import person
from lms.catalog import service as catalog
from lms.catalog.formats.canonical import address_of
from lms.catalog.items import Item
from lms.catalog.types import Edition, Skill
from lms.certificates import service as certificates
from lms.certificates.models import Certificate, CertificateDocument
from lms.cohorts.models import Cohort, Enrolment
from lms.courses.models import ActivityBeat
from lms.db import db
from lms.hours.models import ClockEntry
from lms.ledger import service as ledger
from lms.practicals import service as practicals
from lms.practicals.models import Sheet
from lms.practicals.rules import Changes, Mark, Proof
from lms.quizzes import service as quizzes
from lms.quizzes.models import Attempt
from tests import factories, synthetic
from tests.accounts.conftest import PASSWORD, hashed
from tests.certificates import factories as make

M = TypeVar("M")
PLUMBING = ("attempt_count", "act_key", "audit_event")  # what a refused request may leave behind
KEY_NUMBER = 73219.0  # the right answer to every question that asks for a number


def canaries() -> Edition:
    """The synthetic course, in which every word that a student may not read yet says CANARY."""
    edition = synthetic.edition(name="attacked")
    modules = tuple(replace(m, items=tuple(map(_item, m.items))) for m in edition.modules)
    return replace(edition, modules=modules, skills=tuple(map(_skill, edition.skills)))


def _item(item: Item) -> Item:
    options = tuple(replace(o, why=synthetic.text(f"CANARY-WHY-{item.id}-{o.id}")) for o in item.options)
    draft = replace(item, options=options, why=synthetic.text(f"CANARY-WHY-{item.id}"), hash="")
    if item.value is not None:
        draft = replace(draft, value=KEY_NUMBER)
    return replace(draft, hash=address_of(draft))


def _skill(skill: Skill) -> Skill:
    steps = tuple(replace(step, looks_like=synthetic.text(f"CANARY-RUBRIC-{step.id}")) for step in skill.steps)
    secret = {"prompts": (synthetic.text("CANARY-PROMPT"),), "common_errors": (synthetic.text("CANARY-ERROR"),)}
    draft = replace(skill, steps=steps, hash="", **secret)  # type: ignore[arg-type]
    return replace(draft, hash=address_of(draft))


def right_answer(item: Item) -> list[str]:
    return [f"{KEY_NUMBER:g}"] if item.value is not None else synthetic.right_answer(item)


@dataclass
class World:
    """Cohort A is Dana's: Maya, Liam, Eve, Pia, Nora and Omar. Cohort B is Bruno's: Zoe."""

    admin: User
    auditor: User
    dana: User
    bruno: User
    maya: User  # passed the first quiz, sits the second, has a signed sheet that waits for her answer
    liam: User  # handed in one quiz and did not pass
    eve: User  # enrolled in A, has nothing
    pia: User  # her sheet is marked and not signed
    nora: User  # holds a certificate
    omar: User  # may be given one
    zoe: User  # enrolled in B
    a: Cohort
    b: Cohort
    enrolments: dict[int, Enrolment]
    open_attempt: Attempt
    passed_attempt: Attempt
    missed_attempt: Attempt
    signed: Sheet
    unsigned: Sheet
    waiting: ClockEntry
    certificate: Certificate

    def enrolment(self, of: User) -> Enrolment:
        return self.enrolments[of.id]

    @property
    def edition(self) -> Edition:
        return catalog.edition(self.a.course_version_id)


def build() -> World:
    """In one write: a test's school is stored once, not row by row."""
    with db.write(), patch.object(factories, "add", _added):
        return _build()


def _added(row: M) -> M:
    db.session.add(row)
    db.session.flush()
    return row


def _build() -> World:
    make.school_can_issue()
    office = {"password_hash": hashed()}
    staff = {
        name: factories.user(Role.INSTRUCTOR, legal_name=f"{name.title()} Teacher", **office)
        for name in ("dana", "bruno")
    }
    for one in staff.values():
        factories.credential(one)
    a, b = (factories.cohort(one, edition=canaries(), room="Room 4") for one in staff.values())
    people = {
        name: make.student(f"{name.title()} Student", password_hash=hashed(), email=f"{name}@school.example")
        for name in ("maya", "liam", "eve", "pia", "zoe")
    }
    rows = {
        one.id: factories.enrolment(b if name == "zoe" else a, one, started_on=days_ago(20))
        for name, one in people.items()
    }
    admin = factories.user(Role.ADMIN, legal_name="Ada Office", **office)
    for name in ("nora", "omar"):
        row = make.ready(a, make.student(f"{name.title()} Student", password_hash=hashed()), by=staff["dana"])
        people[name], rows[row.user_id] = person(row.user_id), row
    maya, liam, pia, nora = (rows[people[name].id] for name in ("maya", "liam", "pia", "nora"))
    passed = _passed(maya, "M01")
    factories.read_lessons(maya, "M02")
    factories.read_lessons(liam, "M01")
    make.pass_quiz(pia, "M01")
    _read_yesterday(maya)
    make.approve(make.propose(maya, "lab", 30, staff["dana"]), staff["dana"])
    return World(
        admin=admin,
        auditor=factories.user(Role.AUDITOR, legal_name="Otto Auditor", **office),
        **staff,
        **people,
        a=a,
        b=b,
        enrolments=rows,
        passed_attempt=passed,
        open_attempt=quizzes.start(maya.id, "M02", by=maya.user_id),
        missed_attempt=_missed(liam, "M01"),
        signed=_signed(maya, staff["dana"]),
        unsigned=_marked(pia, staff["dana"]),
        waiting=make.propose(maya, "theory_in_person", 60, staff["dana"]),
        certificate=_issued(nora, admin),
    )


def days_ago(days: int) -> Any:
    return factories.today() - timedelta(days=days)


def _passed(row: Enrolment, module_id: str) -> Attempt:
    factories.read_lessons(row, module_id)
    attempt = quizzes.start(row.id, module_id, by=row.user_id)
    module = catalog.edition(row.course_version_id).module(module_id)
    for line in attempt.form:
        quizzes.save(attempt.id, line["item"], right_answer(module.item(line["item"])), by=row.user_id)
    return quizzes.submit(attempt.id, by=row.user_id)


def _missed(row: Enrolment, module_id: str) -> Attempt:
    attempt = quizzes.start(row.id, module_id, by=row.user_id)
    module = catalog.edition(row.course_version_id).module(module_id)
    for line in attempt.form:
        quizzes.save(attempt.id, line["item"], synthetic.wrong_answer(module.item(line["item"])), by=row.user_id)
    return quizzes.submit(attempt.id, by=row.user_id)


def _read_yesterday(row: Enrolment) -> None:
    start = clock.now() - timedelta(days=2)
    for minute in range(6):
        factories.add(
            ActivityBeat(
                enrolment_id=row.id, module_id="M01", lesson_id="m01-lesson-1", at=start + timedelta(minutes=minute)
            )
        )


def _marked(row: Enrolment, by: User) -> Sheet:
    sheet = practicals.open_sheet(row.id, "S01", by=by.id)
    skill = catalog.edition(row.course_version_id).skill("S01")
    marks = {step.id: Mark.INDEPENDENT for step in skill.steps}
    return practicals.save(sheet.id, Changes(marks=marks, comment="CANARY-DRAFT-COMMENT", rating=4), by=by.id)


def _signed(row: Enrolment, by: User) -> Sheet:
    sheet, now = _marked(row, by), clock.now()
    proof, seen = Proof("password", now), now - timedelta(minutes=5)
    return practicals.sign(sheet.id, version=sheet.version, proof=proof, place="Room 4", observed_at=seen, by=by.id)


def _issued(row: Enrolment, by: User) -> Certificate:
    """With a document that no typesetter was asked for."""
    certificate, data = certificates.issue(row.id, language="en", by=by.id), b"%PDF-1.7 CANARY-CERTIFICATE"
    seq = ledger.next_seq()
    factories.add(
        CertificateDocument(
            certificate_id=certificate.id, sha256="0" * 64, data=data, made_at=clock.now(), entry_seq=seq
        )
    )
    ledger.append("certificate.document", statement={"certificate": certificate.id}, values={}, received={})
    return certificate


# ---- what is stored ---------------------------------------------------------------------------------------------
def stored(but: Iterable[str] = PLUMBING) -> dict[str, set[str]]:
    """{table: its rows}, to see what a request changed. When somebody was last seen is no change."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            table.name: {repr(tuple(row)) for row in connection.execute(sa.select(*_lasting(table)))}
            for table in db.metadata.tables.values()
            if table.name not in but
        }


def _lasting(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if column.name not in ("seen_at", "reauth_at", "id_hash")]


def new_rows(table: str, before: dict[str, set[str]]) -> set[str]:
    return stored()[table] - before[table]


__all__ = ["PASSWORD", "World", "build", "new_rows", "right_answer", "stored"]
