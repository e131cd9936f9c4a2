"""What anybody may learn about a certificate, and nothing beyond it."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from lms import throttle
from lms.accounts.rules import sort_key
from lms.certificates import rules
from lms.certificates.models import Certificate
from lms.certificates.rules import Status
from lms.db import db
from lms.i18n import language
from lms.ledger import service as ledger
from lms.school import service as school

LOOK_UPS = {"limit": 20, "seconds": 600}  # of one address
GUESSES = {"limit": 30, "seconds": 3600}  # of names for one serial


@dataclass(frozen=True)
class PublicCertificate:
    """All that the public page may show. The hash is of the file that the school gave out."""

    status: Status
    name: str
    course: str
    part: str
    hours: str
    completed_on: date
    school: str
    statement: str
    sha256: str | None
    token: str

    def made(self, data: bytes) -> bool:
        """Whether these are, byte for byte, the bytes that the school gave out."""
        digest = hashlib.sha256(data).hexdigest()
        return self.sha256 is not None and hmac.compare_digest(digest, self.sha256)


def by_token(text: str) -> PublicCertificate | None:
    """From the address in the QR code, in any letter case."""
    token = rules.normal_token(text)
    return _public(Certificate.token == token) if token else None


def by_serial(serial: str, name: str, *, address: str) -> PublicCertificate | None:
    """The serial alone gives nothing: the printed name must fit. A wrong name and a missing serial answer alike.

    Raises TooManyTries.
    """
    throttle.hit("verify", address, **LOOK_UPS)
    number, given = rules.normal_serial(serial), sort_key(name)
    if number is None or not given:
        return None
    throttle.hit("verify-serial", number, **GUESSES)
    query = select(Certificate.entry_seq).filter_by(serial=number)
    seq = db.session.scalars(query).one_or_none()
    values = ledger.values(seq) if seq is not None else {}
    printed = [sort_key(values[key]) for key in ("name", "name_second") if key in values]
    return _public(Certificate.serial == number) if given in printed else None


def limit_checks(address: str) -> None:
    """Raises TooManyTries."""
    throttle.hit("verify", address, **LOOK_UPS)


def _public(which: object) -> PublicCertificate | None:
    newer = aliased(Certificate)
    later = (
        select(newer.id)
        .where(newer.enrolment_id == Certificate.enrolment_id, newer.edition > Certificate.edition)
        .exists()
    )
    query = select(Certificate, later).options(joinedload(Certificate.document), joinedload(Certificate.revocation))
    found = db.session.execute(query.where(which)).one_or_none()  # type: ignore[arg-type]
    if found is None:
        return None
    row, superseded = found
    facts = json.loads(row.facts)
    return PublicCertificate(
        status=rules.status(revoked=row.revocation is not None, newer=superseded),
        name=_shown(ledger.values(row.entry_seq).get("name", "")),
        course=facts["course"],
        part=facts["part_title"],
        hours=facts["hours_total"],
        completed_on=row.completed_on,
        school=facts["school"]["name"],
        statement=school.statement("does-not-license").short(language()),
        sha256=row.document.sha256 if row.document else None,
        token=row.token,
    )


def _shown(name: str) -> str:
    return rules.initials(name) if school.policy("name_on_verify_page") == "initials" else name
