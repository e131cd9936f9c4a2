from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from lms.cohorts.models import Enrolment
from lms.db import db


class SerialCounter(db.Model):
    """The next number of a year's serials; locked while one is taken."""

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the year
    next: Mapped[int]


class Certificate(db.Model):
    """An issued certificate of completion. Printed personal facts are values behind its ledger entry's commitments."""

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    edition: Mapped[int]
    serial: Mapped[str] = mapped_column(unique=True)
    token: Mapped[str] = mapped_column(unique=True)  # in the QR code: who has the paper may verify
    language: Mapped[str]
    completed_on: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    facts: Mapped[str]  # canonical JSON of what is printed, without personal values
    entry_seq: Mapped[int] = mapped_column(unique=True)

    enrolment: Mapped[Enrolment] = relationship(lazy="raise")
    document: Mapped["CertificateDocument | None"] = relationship(lazy="raise", back_populates="certificate")
    revocation: Mapped["Revocation | None"] = relationship(lazy="raise", back_populates="certificate")

    __table_args__ = (UniqueConstraint("enrolment_id", "edition"),)


class CertificateDocument(db.Model):
    """The PDF's exact bytes, served from here for ever."""

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    data: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    made_at: Mapped[datetime]
    entry_seq: Mapped[int] = mapped_column(unique=True)

    certificate: Mapped[Certificate] = relationship(lazy="raise", back_populates="document")


class Revocation(db.Model):
    """A certificate was revoked; the public page says so, never why. The words are ledger values."""

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), unique=True)
    reason: Mapped[str]  # rules.Reason
    revoked_at: Mapped[datetime]
    revoked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    entry_seq: Mapped[int] = mapped_column(unique=True)

    certificate: Mapped[Certificate] = relationship(lazy="raise", back_populates="revocation")


db.frozen(Certificate)
db.frozen(CertificateDocument)
db.frozen(Revocation)
