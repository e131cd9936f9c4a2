"""Which certificates are in force."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select

from lms.certificates.models import Certificate, Revocation
from lms.db import db


class Held(NamedTuple):
    """A certificate in force, as far as pages link to it."""

    id: int
    serial: str
    completed_on: date


def held(enrolment_ids: Collection[int]) -> dict[int, Held]:
    """The certificate that is in force of each enrolment that has one."""
    query = select(Certificate.enrolment_id, Certificate.id, Certificate.serial, Certificate.completed_on)
    query = query.outerjoin(Certificate.revocation).where(Revocation.id.is_(None))
    rows = db.session.execute(query.where(Certificate.enrolment_id.in_(list(enrolment_ids))))
    return {enrolment_id: Held._make(columns) for enrolment_id, *columns in rows}


def revoked(enrolment_ids: Collection[int]) -> int:
    """How many certificates of these enrolments were revoked: what follows a revocation is another act."""
    query = select(func.count(Revocation.id)).join(Revocation.certificate)
    return db.session.scalar(query.where(Certificate.enrolment_id.in_(list(enrolment_ids)))) or 0
