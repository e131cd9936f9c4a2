"""Who is enrolled, as columns: for pages that count or judge many and show few."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from lms.accounts.models import User
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import EnrolmentState
from lms.db import db


class Enrolled(NamedTuple):
    """One enrolment with what the rules ask of its person."""

    id: int
    cohort_id: int
    course_version_id: int
    state: EnrolmentState
    started_on: date
    name: str
    locale: str | None
    search_key: str
    name_confirmed_at: datetime | None
    adult_attested_at: datetime | None


COLUMNS = (
    Enrolment.id,
    Enrolment.cohort_id,
    Enrolment.course_version_id,
    Enrolment.state,
    Enrolment.started_on,
    User.legal_name,
    User.locale,
    User.search_key,
    User.legal_name_confirmed_at,
    User.adult_attested_at,
)


def of(row: Enrolment, person: User) -> Enrolled:
    """Of an enrolment and its person who are loaded already."""
    return Enrolled(
        row.id,
        row.cohort_id,
        row.course_version_id,
        row.state,
        row.started_on,
        person.legal_name,
        person.locale,
        person.search_key,
        person.legal_name_confirmed_at,
        person.adult_attested_at,
    )


def enrolled(enrolment_ids: Iterable[int]) -> list[Enrolled]:
    """These, by name."""
    return _by_name(Enrolment.id.in_(list(enrolment_ids)))


def enrolled_in(cohort_ids: Iterable[int]) -> list[Enrolled]:
    """Everyone of these cohorts, by name."""
    return _by_name(Enrolment.cohort_id.in_(list(cohort_ids)))


def _by_name(which: ColumnElement[bool]) -> list[Enrolled]:
    query = select(*COLUMNS).join(Enrolment.user).where(which).order_by(User.sort_key, Enrolment.id)
    return [Enrolled._make(row) for row in db.session.execute(query)]
