"""Rows that tests begin with. What a test is about goes through the services."""

import itertools
import secrets
import uuid
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from lms import clock
from lms.access import Role
from lms.accounts.login import token_hash
from lms.accounts.models import StaffCredential, User, UserSession
from lms.catalog import service as catalog
from lms.catalog.formats.canonical import hash_of, to_json
from lms.catalog.models import CourseVersion
from lms.catalog.types import Edition
from lms.cohorts.models import Cohort, CohortInstructor, Enrolment
from lms.cohorts.rules import CohortState
from lms.courses.models import StepDone
from lms.db import db
from lms.school.models import School, Statement
from tests import synthetic

M = TypeVar("M")
ZONE = "America/Los_Angeles"
numbers = itertools.count(1)


def add(row: M) -> M:
    with db.write():
        db.session.add(row)
    return row


def today() -> date:
    """The school's day: for some hours of each day it is not the server's."""
    return clock.today(ZONE)


def school(**changes: Any) -> School:
    return add(
        School(
            **{
                "uid": uuid.uuid4().hex,
                "name": "Los Gatos School of Massage",
                "legal_name": "Los Gatos School of Massage LLC",
                "address": "1 Main Street, Los Gatos, CA 95030",
                "phone": "+1 408 555 0100",
                "website": "school.example",
                "email": "office@school.example",
                "serial_prefix": "LGS",
                "approval": "exempt",
                "approval_reference": "EC 94874(f), letter of 2026-05-04",
                "approval_sentence": "Exempt from approval under Ed. Code 94874.",
                "zone": ZONE,
                **changes,
            }
        )
    )


def user(role: Role = Role.STUDENT, **changes: Any) -> User:
    n = next(numbers)
    name = changes.pop("legal_name", f"{role.title()} Number{n}")
    return add(
        User(
            **{
                "email": f"{role}{n}@school.example",
                "role": role,
                "legal_name": name,
                "sort_key": name.casefold(),
                "search_key": name.casefold(),
                "created_at": clock.now(),
                "locale": "en",
                **changes,
            }
        )
    )


def credential(person: User, kind: str = "PT", *, days: int = 365) -> StaffCredential:
    return add(
        StaffCredential(
            user_id=person.id,
            kind=kind,
            number=f"{kind}-{person.id}",
            expires_on=today() + timedelta(days=days),
            recorded_at=clock.now(),
        )
    )


def signed_in(person: User) -> str:
    """A session of that person; returns the token its cookie holds."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    add(
        UserSession(
            id_hash=token_hash(token),
            user_id=person.id,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=12),
        )
    )
    return token


def course_version(edition: Edition | None = None) -> CourseVersion:
    """A published synthetic course; asking again for the same one gives the same row."""
    content = to_json(edition or synthetic.edition())
    digest = hash_of(content)
    known = db.session.scalars(select(CourseVersion).filter_by(hash=digest)).one_or_none()
    if known:
        return known
    source = edition or synthetic.edition()
    return add(
        CourseVersion(
            course_id=source.course_id,
            edition_id=source.edition_id,
            number=next(numbers),
            hash=digest,
            content=content,
            published_at=clock.now(),
        )
    )


def cohort(*instructors: User, edition: Edition | None = None, **changes: Any) -> Cohort:
    """A cohort under way, with these instructors."""
    row = add(
        Cohort(
            **{
                "name": f"Cohort {next(numbers)}",
                "course_version_id": course_version(edition).id,
                "starts_on": today() - timedelta(days=30),
                "ends_on": today() + timedelta(days=60),
                "state": CohortState.RUNNING,
                **changes,
            }
        )
    )
    for person in instructors:
        add(CohortInstructor(cohort_id=row.id, user_id=person.id))
    return row


def enrolment(of: Cohort, student: User | None = None, **changes: Any) -> Enrolment:
    return add(
        Enrolment(
            **{
                "cohort_id": of.id,
                "user_id": (student or user()).id,
                "course_version_id": of.course_version_id,
                "started_on": today(),
                "created_at": clock.now(),
                **changes,
            }
        )
    )


def statements(*, short: bool = True) -> None:
    """The three statements that students sign; `short` ones stand at the foot of documents."""
    for key in ("does-not-license", "honour", "training-partner"):
        add(
            Statement(
                key=key,
                text_en=f"The {key} statement, in full.",
                text_es=f"La declaración {key}, completa.",
                short_en="Record of training only. Not a license or a CAMTC certificate." if short else "",
                short_es="Constancia de formación únicamente. No es una licencia ni un certificado de CAMTC.",
                effective_from=date(2026, 1, 1),
                source="course design",
                created_at=clock.now(),
            )
        )


def read_lessons(of: Enrolment, *module_ids: str) -> None:
    """Every step of these modules (all when none is named) was passed."""
    content = catalog.edition(of.course_version_id)
    for module in content.modules:
        if module_ids and module.id not in module_ids:
            continue
        for lesson in module.lessons:
            for step in lesson.steps:
                add(
                    StepDone(
                        enrolment_id=of.id, module_id=module.id, lesson_id=lesson.id, step_id=step.id, at=clock.now()
                    )
                )
