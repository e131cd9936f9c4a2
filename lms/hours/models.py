from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.cohorts.models import Enrolment
from lms.db import db


class ClockEntry(db.Model):
    """Minutes of a kind on a day, proposed for one enrolment. Never edited: a wrong one is rejected."""

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    kind: Mapped[str]  # rules.Kind
    minutes: Mapped[int]
    held_on: Mapped[date]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    session_id: Mapped[str | None]  # the planned class, as M02-L1
    source: Mapped[str]  # roster, activity
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("clock_entry.id"))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]

    enrolment: Mapped[Enrolment] = relationship(lazy="raise")
    decision: Mapped["ClockDecision | None"] = relationship(lazy="raise", back_populates="entry")


class ClockDecision(db.Model):
    """An instructor's approval or rejection of one entry."""

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("clock_entry.id"), unique=True)
    approved: Mapped[bool]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    ledger_seq: Mapped[int] = mapped_column(unique=True)

    entry: Mapped[ClockEntry] = relationship(lazy="raise", back_populates="decision")


db.frozen(ClockEntry)
db.frozen(ClockDecision)
