"""Every page, for each role that may open it, asks the database as often in a school of 300 students as in one of 3."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from werkzeug.routing import Rule

from lms import clock, pdf_process
from lms.access import Role, allows
from lms.accounts import login
from lms.accounts import service as accounts
from lms.accounts.models import User, UserSession
from lms.catalog import service as catalog
from lms.certificates import service as certificates
from lms.certificates.models import Certificate, CertificateDocument
from lms.cohorts.models import Cohort, Enrolment
from lms.db import db
from lms.ledger import service as ledger
from lms.practicals import service as practicals
from lms.practicals.models import Sheet
from lms.practicals.rules import Changes, Mark
from lms.quizzes.models import Attempt
from lms.school.models import Statement
from tests import factories, synthetic
from tests.bench.progress import record
from tests.bench.rows import Rows, Staff, store
from tests.bench.school import BEGAN, Place, enrol, journey, papers, staff

FEW, MANY = 3, 300
COHORTS, GRADUATES, A_PAGE = 12, 20, 50
# pages that answer nobody with a list or with what is theirs: a file, a page on the way in, a link that nobody was sent
# to where one was, or where nothing is to be done
LEADS_ON = {
    "root",
    "accounts.adult",
    "courses.lesson",
    "courses.from_paper",
    "practicals.from_paper",
    "practicals.scanned",
    "quizzes.release",
    "quizzes.resume",
}
ELSEWHERE = {"static_files.serve", "accounts.code", "accounts.invitation", "accounts.new_password"}


@dataclass
class School:
    """One student who is done, one who may be awarded, one under way; then 297 more like them, in twelve cohorts."""

    cohort: Cohort
    teacher: User
    admin: User
    visitors: dict[str, User | None]
    graduate: Place
    ready: list[Place]
    under_way: Place

    def values(self, endpoint: str) -> dict[str, Any]:
        """What the addresses name."""
        done, signed = endpoint == "quizzes.result", endpoint != "practicals.sign"
        mine = {"enrolment_id": self.under_way.enrolment_id}
        attempts, sheets = sa.select(Attempt.id).filter_by(**mine), sa.select(Sheet.id).filter_by(**mine)
        held = sa.select(Certificate.id, Certificate.token).filter_by(enrolment_id=self.graduate.enrolment_id)
        certificate = db.session.execute(held).one()
        return {
            "attempt_id": _first(
                attempts.where(Attempt.submitted_at.is_not(None) if done else Attempt.passed.is_(None))
            ),
            "certificate_id": certificate.id,
            "cohort_id": self.cohort.id,
            "enrolment_id": self.under_way.enrolment_id,
            "key": "quiz_attempts" if endpoint == "school.policy" else "does-not-license",
            "lesson_id": "m03-lesson-1",
            "module_id": "M03",
            "name": "hands",
            "number": 1,
            "session_id": "M03-L1",
            "sheet_id": _first(sheets.where(Sheet.signed_at.is_not(None) == signed)),
            "statement_id": _first(sa.select(Statement.id)),
            "skill_id": "S02",
            "step_id": "step-1",
            "token": certificate.token,
            "user_id": self.under_way.user_id,
        }

    def address(self, rule: Rule) -> str:
        values = self.values(rule.endpoint)
        built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
        assert built is not None, rule
        asked = {
            "certificates.check": {"who": [place.enrolment_id for place in self.ready[:A_PAGE]]},
            "practicals.new": {"enrolment": self.under_way.enrolment_id, "skill": "S02"},
        }
        return f"{built[1]}?{urlencode(asked.get(rule.endpoint, {}), doseq=True)}"


def small() -> School:
    papers()
    teacher, admin = staff(Role.INSTRUCTOR, "Ines Caldwell"), staff(Role.ADMIN, "Ada Fields")
    factories.credential(teacher)
    cohort = _cohort(teacher)
    done, ready, under_way = enrol(cohort, range(FEW), clock.now())
    school = School(cohort, teacher, admin, {}, done, [ready], under_way)
    _live(school, cohort, [done, ready], modules=3)
    _live(school, cohort, [under_way], modules=2)
    _award(school, done)
    _mark_all(school, under_way)
    accounts.invite(under_way.user_id, by=admin.id)
    students = {
        "graduate": accounts.person(done.user_id),
        "ready": accounts.person(ready.user_id),
        "student": accounts.person(under_way.user_id),
    }
    office = {"instructor": teacher, "admin": admin, "auditor": staff(Role.AUDITOR, "Otto Fields")}
    school.visitors = {**students, **office, "nobody": None}
    return school


def grow(school: School) -> None:
    """Most into the same cohort, the others into cohorts of the same instructor."""
    sizes, first = [200] + [9] * (COHORTS - 2), FEW
    sizes.append(MANY - FEW - sum(sizes))
    for place, size in enumerate(sizes):
        cohort = school.cohort if place == 0 else _cohort(school.teacher)
        people = enrol(cohort, range(first, first + size), clock.now())
        done, under_way = people[: size // 2], people[size // 2 :]
        _live(school, cohort, done, modules=3)
        _live(school, cohort, under_way, modules=2)
        if place == 0:
            for one in done[:GRADUATES]:
                certificates.issue(one.enrolment_id, language="en", by=school.admin.id)
            school.ready += done[GRADUATES:]
        first += size


def _cohort(teacher: User) -> Cohort:
    made = synthetic.edition(modules=3, lessons=2, steps=2, items=10, skills=3, checklist=6, name="counted")
    edition = replace(made, modules=tuple(replace(m, quiz=replace(m.quiz, draw=10)) for m in made.modules))
    return factories.cohort(teacher, edition=edition, starts_on=factories.today() - BEGAN)


def _live(school: School, cohort: Cohort, people: list[Place], *, modules: int) -> None:
    """Who is not done has a quiz open, a sheet unsigned and hours that wait."""
    teacher = Staff(school.teacher.id, school.teacher.legal_name, "PT 31313")
    rows, done = Rows(catalog.edition(cohort.course_version_id), teacher), modules == 3
    for n, one in enumerate(people):
        began = clock.now() - BEGAN + timedelta(minutes=n)
        record(rows, journey(one, began, modules=modules, at_quiz=True, behind=not done, stumbles=n % 4 == 0))
    store(rows)


def _mark_all(school: School, place: Place) -> None:
    """The sheet that waits can be signed."""
    waiting = sa.select(Sheet.id).where(Sheet.enrolment_id == place.enrolment_id, Sheet.signed_at.is_(None))
    skill = catalog.edition(school.cohort.course_version_id).skill("S02")
    marks = {step.id: Mark.INDEPENDENT for step in skill.steps}
    practicals.save(_first(waiting), Changes(marks=marks, rating=4), by=school.teacher.id)


def _award(school: School, place: Place) -> None:
    """With a document that no typesetter was asked for."""
    certificate = certificates.issue(place.enrolment_id, language="en", by=school.admin.id)
    with db.write():
        seq = ledger.next_seq()
        document = {"certificate_id": certificate.id, "sha256": "0" * 64, "data": b"%PDF-1.7"}
        db.session.add(CertificateDocument(**document, made_at=clock.now(), entry_seq=seq))
        db.session.flush()
        ledger.append("certificate.document", statement={"certificate": certificate.id}, values={}, received={})
    ledger.checkpoint("certificate")


def _first(query: sa.Select[int]) -> int:
    return db.session.scalars(query.order_by("id").limit(1)).one()


# ---- counting
@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def pages(app: Flask) -> list[Rule]:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return sorted((rule for rule in rules if rule.endpoint not in ELSEWHERE), key=str)


def asked(app: Flask, school: School, browsers: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """{(page, visitor): (status, number of queries)}."""
    found = {}
    for rule in pages(app):
        address, permission = school.address(rule), app.view_functions[rule.endpoint].permission
        for name, visitor in school.visitors.items():
            if allows(visitor.role if visitor else None, permission):
                with counted() as seen:
                    status = browsers[name].get(address).status_code
                found[str(rule), name] = status, len(seen)
    return found


def test_each_page_asks_the_database_as_often_for_300_students_as_for_3(app, as_, monkeypatch):
    monkeypatch.setattr(pdf_process, "render_in_process", lambda *_args, **_more: b"%PDF-1.7")
    monkeypatch.setattr(login, "SEEN_EVERY", timedelta(days=1))  # else a page tells now and then who was here
    school = small()
    browsers = {name: as_(visitor) for name, visitor in school.visitors.items()}
    with db.write():
        db.session.execute(sa.update(UserSession).values(reauth_at=clock.now()))
    asked(app, school, browsers)  # courses are read once a process
    few = asked(app, school, browsers)
    grow(school)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Enrolment)) == MANY
    many = asked(app, school, browsers)
    assert {page: (few[page], many[page]) for page in few if few[page] != many[page]} == {}
    shown = {page for (page, _visitor), (status, _queries) in few.items() if status == 200}
    assert {rule.endpoint for rule in pages(app) if str(rule) not in shown} <= LEADS_ON
