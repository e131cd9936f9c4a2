"""Certificates: who sees which, their state now, revoking. Issuing, board and public look-up stand beside."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from lms import audit, clock, jobs
from lms.access import Permission, Role, allows
from lms.accounts.models import User
from lms.accounts.rules import search_key
from lms.certificates import letters, paper, rules
from lms.certificates.board import board
from lms.certificates.evidence import clauses
from lms.certificates.held import held
from lms.certificates.issuing import issue, officer
from lms.certificates.models import Certificate, CertificateDocument, Revocation
from lms.certificates.paper import make_document
from lms.certificates.rules import Reason, Status
from lms.certificates.verifying import by_serial, by_token
from lms.cohorts.models import Enrolment
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.i18n import _
from lms.jobs import Job
from lms.ledger import service as ledger
from lms.ledger.types import Json

__all__ = ["board", "by_serial", "by_token", "clauses", "held", "issue", "make_document", "revoke"]
PAGE = 50


class Document(NamedTuple):
    """The PDF of a certificate, and whose it is."""

    holder_id: int
    serial: str
    data: bytes


@dataclass(frozen=True)
class Told:
    """A revocation as the office reads it."""

    reason: Reason
    words: str
    by: str
    at: datetime


# ---- who sees what ----------------------------------------------------------------------------------------------
def visible_to(user: User) -> Select[Certificate]:
    query = select(Certificate).join(Certificate.enrolment).join(Enrolment.user).join(Enrolment.cohort)
    query = query.options(
        contains_eager(Certificate.enrolment).options(contains_eager(Enrolment.user), contains_eager(Enrolment.cohort)),
        joinedload(Certificate.document),
        joinedload(Certificate.revocation),
    )
    return query.where(_theirs(user))


def _theirs(user: User) -> ColumnElement[bool]:
    """A student sees their own, the office and the auditor all, an instructor none."""
    if user.role is Role.STUDENT:
        return Enrolment.user_id == user.id
    return true() if allows(user.role, Permission.SEE_CERTIFICATES) else false()


def get(certificate_id: int, *, for_: User) -> Certificate:
    """Raises NotFound."""
    row = db.session.scalars(visible_to(for_).where(Certificate.id == certificate_id)).one_or_none()
    if row is None:
        raise NotFound(f"certificate {certificate_id}")
    return row


def page(*, for_: User, words: str = "", cohort_id: int | None = None, before: int | None = None) -> list[Certificate]:
    """The newest fifty and one more, before a given one; found by the person's name or by serial."""
    query = visible_to(for_)
    if cohort_id is not None:
        query = query.where(Enrolment.cohort_id == cohort_id)
    if before is not None:
        query = query.where(Certificate.id < before)
    for word in search_key(words).split()[:8]:
        serial = Certificate.serial.contains(word.upper(), autoescape=True)
        query = query.where(or_(User.search_key.contains(word, autoescape=True), serial))
    return list(db.session.scalars(query.order_by(Certificate.id.desc()).limit(PAGE + 1)))


def statuses(rows: Collection[Certificate]) -> dict[int, Status]:
    """{certificate: what it is now}, of rows loaded with their revocation."""
    query = select(Certificate.enrolment_id, func.max(Certificate.edition))
    query = query.where(Certificate.enrolment_id.in_([row.enrolment_id for row in rows]))
    newest = {row[0]: row[1] for row in db.session.execute(query.group_by(Certificate.enrolment_id))}
    return {
        row.id: rules.status(revoked=row.revocation is not None, newer=row.edition < newest[row.enrolment_id])
        for row in rows
    }


def printed_names(rows: Iterable[Certificate]) -> dict[int, str]:
    """{certificate: the name as printed}; "" where it was erased."""
    rows = list(rows)
    values = ledger.values_of([row.entry_seq for row in rows])
    return {row.id: values[row.entry_seq].get("name", "") for row in rows}


def facts_printed(row: Certificate) -> Json:
    return json.loads(row.facts)


# ---- the PDF, and revoking --------------------------------------------------------------------------------------
def document(certificate_id: int, *, for_: User) -> Document:
    """Exactly what was given out. Raises NotFound, also where it is not made yet."""
    query = select(Enrolment.user_id, Certificate.serial, CertificateDocument.data)
    query = query.select_from(Certificate).join(Certificate.enrolment).join(Certificate.document)
    found = db.session.execute(query.where(Certificate.id == certificate_id, _theirs(for_))).one_or_none()
    if found is None:
        raise NotFound(f"document of certificate {certificate_id}")
    return Document(*found)


def asked_for(row: Certificate) -> tuple[int, bool]:
    """How often the worker was asked for the PDF, and whether it gave up each time."""
    query = select(Job.state).where(Job.kind == paper.RENDER)
    states = list(db.session.scalars(query.where(Job.arguments["certificate_id"].as_integer() == row.id)))
    return len(states), all(state == "given_up" for state in states)


def make_again(certificate_id: int, *, by: int) -> None:
    """Ask the worker once more for a PDF that was not made."""
    with db.write():
        officer(by, Permission.ISSUE_CERTIFICATES)
        if db.session.get(CertificateDocument, certificate_id) is None:
            audit.record("certificate.document_asked", by=by, subject=("certificate", certificate_id))
            jobs.enqueue(paper.RENDER, certificate_id=certificate_id)


def revoke(certificate_id: int, *, reason: Reason, words: str, by: int) -> Revocation:
    """After the person proved who they are. The words stay with the school; the public page never says why."""
    with db.write():
        admin = officer(by, Permission.REVOKE_CERTIFICATES)
        certificate = db.session.get(Certificate, certificate_id)
        if certificate is None:
            raise NotFound(f"certificate {certificate_id}")
        enrolment = db.locked(Enrolment, certificate.enrolment_id)
        if db.session.scalars(select(Revocation.id).filter_by(certificate_id=certificate_id)).first():
            raise RuleBroken(_("This certificate is revoked already."))
        now, seq = clock.now(), ledger.next_seq()
        row = Revocation(
            certificate_id=certificate_id, reason=reason, revoked_at=now, revoked_by_id=admin.id, entry_seq=seq
        )
        db.session.add(row)
        db.session.flush()
        audit.record("certificate.revoked", by=by, subject=("certificate", certificate_id), reason=reason)
        letters.post_revoked(certificate_id)
        ledger.append(
            "certificate.revoked",
            statement={"certificate": {"id": certificate_id, "serial": certificate.serial}, "reason": reason.value},
            values={"words": words},
            received={"signer": {"id": by, "role": admin.role.value}, "auth": {"method": "password"}},
            subject_id=enrolment.user_id,
            at=now,
        )
    return row


def revocation_told(row: Certificate) -> Told | None:
    """Who revoked it, when, why and in which words, for the office."""
    if row.revocation is None:
        return None
    by = db.session.get_one(User, row.revocation.revoked_by_id).legal_name
    words = ledger.values(row.revocation.entry_seq).get("words", "")
    return Told(Reason(row.revocation.reason), words, by, row.revocation.revoked_at)
