"""The PDF of an issued certificate: made by the worker from the sealed record, stored once, served for ever."""

import hashlib
import json

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from lms import audit, clock, jobs, pdf_process
from lms.certificates import letters, sealed
from lms.certificates.document import certificate_html
from lms.certificates.models import Certificate, CertificateDocument
from lms.cohorts.models import Enrolment
from lms.db import db
from lms.ledger import chain
from lms.ledger import service as ledger
from lms.ledger.record import bundle_text
from lms.ledger.types import ATTACHMENT

RENDER = "certificate.render"


@jobs.handler(RENDER)
def make_document(certificate_id: int) -> None:
    """The second step of issuing. Doing it again, or twice at once, changes nothing."""
    query = select(Certificate).join(Certificate.enrolment).options(contains_eager(Certificate.enrolment))
    certificate = db.session.scalars(query.where(Certificate.id == certificate_id)).one()
    if not _made(certificate.id):
        _store(certificate.id, certificate.serial, certificate.enrolment, rendered(certificate))


def rendered(certificate: Certificate) -> bytes:
    """The same bytes each time, from the certificate's row, its ledger entry and the entry's values."""
    record = ledger.record(certificate.entry_seq)
    facts = sealed.unsealed(
        json.loads(certificate.facts),
        {item["name"]: item["value"] for item in record["values"]},
        chain.entry_hash(record["entry"]),
        record,
    )
    attached = (ATTACHMENT, bundle_text(record).encode(), "The signed record of this certificate")
    return pdf_process.render_in_process(
        "certificate",
        certificate_html(facts),
        paper=facts.paper,
        lang=facts.lang,
        attachments=[attached],
        created=certificate.issued_at,
    )


def _made(certificate_id: int) -> bool:
    return db.session.get(CertificateDocument, certificate_id) is not None


def _store(certificate_id: int, serial: str, enrolment: Enrolment, data: bytes) -> None:
    digest, student_id = hashlib.sha256(data).hexdigest(), enrolment.user_id
    with db.write():
        seq, now = ledger.next_seq(), clock.now()  # holds the record's head: one of two workers is first
        if _made(certificate_id):
            return
        row = CertificateDocument(certificate_id=certificate_id, sha256=digest, data=data, made_at=now, entry_seq=seq)
        db.session.add(row)
        db.session.flush()
        audit.record("certificate.document", by=None, subject=("certificate", certificate_id), sha256=digest)
        letters.post_ready(certificate_id)
        ledger.append(
            "certificate.document",
            statement={"serial": serial, "sha256": digest, "certificate": certificate_id},
            values={},
            received={"signer": {"role": "server"}, "auth": {"method": "worker"}},
            subject_id=student_id,
            at=now,
        )
