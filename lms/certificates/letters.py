"""Letters to a student about their certificate: it is ready, or revoked. Never the PDF, only where to find it."""

from datetime import datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import jobs
from lms.accounts import letters
from lms.certificates.models import Certificate
from lms.cohorts.models import Enrolment
from lms.db import db

READY, REVOKED = "mail.certificate_ready", "mail.certificate_revoked"


def post_ready(certificate_id: int) -> None:
    """Ask for the letter inside the write that stores the document: one document, one letter."""
    jobs.enqueue(READY, certificate_id=certificate_id)


def post_revoked(certificate_id: int) -> None:
    """Ask for the letter inside the write that revokes. It says that, never why: the reason stays with the school."""
    jobs.enqueue(REVOKED, certificate_id=certificate_id)


@jobs.handler(READY)
def send_ready(certificate_id: int) -> None:
    """Not for a certificate that was revoked before the letter left."""
    certificate = _certificate(certificate_id)
    if certificate.revocation is None:
        _send(certificate, "emails/certificate_ready.txt")


@jobs.handler(REVOKED)
def send_revoked(certificate_id: int) -> None:
    certificate = _certificate(certificate_id)
    if certificate.revocation is not None:
        _send(certificate, "emails/certificate_revoked.txt", revoked_at=certificate.revocation.revoked_at)


def _certificate(certificate_id: int) -> Certificate:
    query = select(Certificate).options(
        joinedload(Certificate.revocation), joinedload(Certificate.enrolment).joinedload(Enrolment.user)
    )
    return db.session.scalars(query.where(Certificate.id == certificate_id)).one()


def _send(certificate: Certificate, template: str, *, revoked_at: datetime | None = None) -> None:
    person = certificate.enrolment.user
    if person.active and person.email:
        link = f"{current_app.config['BASE_URL']}/record"
        letters.send(person, template, serial=certificate.serial, link=link, revoked_at=revoked_at)
