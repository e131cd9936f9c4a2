"""A school of 300 students somewhere in a course of 12 modules and 14 skills, and the browsers of some of them."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert, select

from lms import clock, jobs
from lms.access import Role
from lms.accounts.models import User
from lms.accounts.rules import search_key, sort_key
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.certificates import service as certificates
from lms.cohorts.models import Cohort, Enrolment
from lms.cohorts.service import STATEMENT_KEYS
from lms.db import db
from lms.ledger import service as ledger
from lms.practicals.models import Sheet
from lms.quizzes.models import Attempt
from lms.school import service as school
from tests import factories, synthetic
from tests.bench.progress import record
from tests.bench.rows import Journey, Rows, Staff, store

STUDENTS, BROWSERS = 300, 24
# fmt: off
FIRST = (
    "Maya", "José", "Lucía", "Wei", "Amara", "Noor", "Tomás", "Grace", "Óscar", "Linh", "Dmitri", "Aiko",
    "Sofía", "Caleb", "Yolanda", "Priya", "Hector", "Ruth", "Anh", "Zoë",
)
LAST = (
    "Ortiz", "Nguyen", "Okafor", "Ramírez", "Chen", "Petrov", "Haddad", "Silva", "Brooks", "Yamada", "Castillo",
    "Kaur", "Moreau", "Ali", "Jensen",
)
# fmt: on
BEGAN = timedelta(days=60)
DAY_OF_STATEMENTS = date(2026, 1, 1)


@dataclass(frozen=True)
class Browser:
    """Someone who is signed in."""

    cookie: str
    csrf: str


@dataclass(frozen=True)
class Sitting:
    """An open quiz of someone who is signed in."""

    browser: Browser
    attempt_id: int
    form: list[dict]


@dataclass(frozen=True)
class Bench:
    """What the cases need to know of the school."""

    edition: Edition
    cohort_id: int
    admin: Browser
    instructor: Browser
    students: list[Browser]
    sittings: list[Sitting]
    unsigned_sheets: list[int]
    papers: list[tuple[Browser, int]]  # graduates with their certificate
    ready: list[int]  # enrolments that may be awarded
    admin_id: int


@dataclass(frozen=True)
class Place:
    """Somebody's place in a cohort."""

    enrolment_id: int
    user_id: int
    name: str


def edition() -> Edition:
    """Quizzes of ten questions, as the shipped course has."""
    made = synthetic.edition(modules=12, lessons=4, steps=6, items=24, skills=14, checklist=15, name="bench")
    return replace(made, modules=tuple(replace(m, quiz=replace(m.quiz, draw=10)) for m in made.modules))


def build(app: Flask, students: int, ready: int) -> Bench:
    """`ready` of the students have done everything; one in ten of those holds a certificate already."""
    content, now = edition(), clock.now()
    factories.school(demo=False)
    ledger.new_key()
    papers()
    admin, teacher = staff(Role.ADMIN, "Ada Fields"), staff(Role.INSTRUCTOR, "Ines Caldwell")
    factories.credential(teacher)
    cohort = factories.cohort(teacher, edition=content, starts_on=(now - BEGAN).date())
    places = enrol(cohort, range(students), now)
    rows = Rows(catalog.edition(cohort.course_version_id), Staff(teacher.id, teacher.legal_name, "PT 31313"))
    journeys = _journeys(places, ready, now - BEGAN)
    for one in journeys:
        record(rows, one)
    store(rows)
    return _bench(app, content, cohort, admin, teacher, journeys, ready)


def papers() -> None:
    for key in STATEMENT_KEYS:
        text = f"The {key} statement in full. " * 12
        school.add_statement(
            key,
            text_en=text,
            text_es=text,
            short_en="This course does not license or certify anyone as a therapist.",
            short_es="Este curso no autoriza ni certifica a nadie como terapeuta.",
            effective_from=DAY_OF_STATEMENTS,
            source="course design",
            by=None,
        )
    for name, title in (("Ada Fields", "Director"), ("Ines Caldwell", "Lead instructor")):
        school.add_signatory(name=name, title_en=title, title_es=title, credential="PT", by=None)


def staff(role: Role, name: str) -> User:
    return factories.user(role, legal_name=name, totp_secret="JBSWY3DPEHPK3PXP")


def enrol(cohort: Cohort, which: range, now: datetime) -> list[Place]:
    """The people of these numbers, each with a name of their own, and their places in the cohort."""
    names = [f"{first} {last}" for last, first in product(LAST, FIRST)][which.start : which.stop]
    people = [
        {
            "email": f"student{n}@school.example",
            "role": Role.STUDENT,
            "legal_name": name,
            "sort_key": sort_key(name),
            "search_key": search_key(name),
            "locale": "en",
            "created_at": now - BEGAN,
            "legal_name_confirmed_at": now - timedelta(days=3),
            "adult_attested_at": now - BEGAN,
        }
        for n, name in enumerate(names, which.start + 1)
    ]
    with db.write():
        users = _inserted(User, people)
        places = [
            {
                "cohort_id": cohort.id,
                "user_id": user_id,
                "course_version_id": cohort.course_version_id,
                "started_on": (now - BEGAN).date(),
                "created_at": now - BEGAN,
            }
            for user_id in users
        ]
        enrolments = _inserted(Enrolment, places)
    return list(map(Place, enrolments, users, names))


def _inserted(model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Their ids, in the rows' order."""
    return list(db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))


def _journeys(places: list[Place], ready: int, began: datetime) -> list[Journey]:
    """The first `ready` are done; the others stand anywhere, half of them in the middle of a quiz."""
    return [
        journey(
            place,
            began + timedelta(minutes=n),
            modules=12 if n < ready else 1 + n * 5 % 11,
            at_quiz=n % 2 == 0,
            behind=n >= ready and n % 3 == 0,
            stumbles=n % 4 == 0,
        )
        for n, place in enumerate(places)
    ]


def journey(of: Place, began: datetime, *, modules: int, at_quiz: bool, behind: bool, stumbles: bool) -> Journey:
    return Journey(
        enrolment_id=of.enrolment_id,
        user_id=of.user_id,
        name=of.name,
        began=began,
        modules=modules,
        at_quiz=at_quiz,
        behind=behind,
        stumbles=stumbles,
        statements=tuple((row.id, row.key) for row in school.statements_in_force(list(STATEMENT_KEYS))),
    )


def _bench(
    app: Flask, content: Edition, cohort: Cohort, admin: User, teacher: User, journeys: list[Journey], ready: int
) -> Bench:
    graduates, waiting = journeys[: max(1, ready // 10)], journeys[max(1, ready // 10) : ready]
    issued = [certificates.issue(one.enrolment_id, language="en", by=admin.id).id for one in graduates]
    jobs.run_waiting()
    under_way = journeys[ready : ready + BROWSERS]
    people = {one.enrolment_id: _signed_in(app, one.user_id) for one in [*graduates, *under_way]}
    sittings = select(Attempt.id, Attempt.enrolment_id, Attempt.form).where(
        Attempt.submitted_at.is_(None), Attempt.enrolment_id.in_([one.enrolment_id for one in under_way])
    )
    return Bench(
        edition=content,
        cohort_id=cohort.id,
        admin=_signed_in(app, admin.id),
        instructor=_signed_in(app, teacher.id),
        students=[people[one.enrolment_id] for one in under_way],
        sittings=[Sitting(people[row[1]], row[0], row[2]) for row in db.session.execute(sittings)],
        unsigned_sheets=list(db.session.scalars(select(Sheet.id).where(Sheet.signed_at.is_(None)))),
        papers=[(people[one.enrolment_id], id_) for one, id_ in zip(graduates, issued, strict=True)],
        ready=[one.enrolment_id for one in waiting],
        admin_id=admin.id,
    )


def _signed_in(app: Flask, user_id: int) -> Browser:
    """The cookie as the sign-in would have set it, with the token that this browser's forms carry."""
    token, secret = factories.signed_in(db.session.get_one(User, user_id)), "the same in each form of this browser"
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = signer.dumps({"_user_id": token, "_fresh": True, "csrf_token": secret})
    csrf = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(secret)
    return Browser(f"{app.config['SESSION_COOKIE_NAME']}={value}", str(csrf))
