from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import User
from lms.cohorts.models import Enrolment
from lms.db import db


class Sheet(db.Model):
    """One examiner's marked checklist of one student's try; frozen once signed."""

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    skill_id: Mapped[str]
    skill_hash: Mapped[str]
    number: Mapped[int]  # the student's which try at this skill
    revision: Mapped[int] = mapped_column(default=0)  # which correction of that try; 0 is the first record
    examiner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    opened_at: Mapped[datetime]
    observed_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    signed_at: Mapped[datetime | None]
    verdict: Mapped[str | None]  # rules.Verdict
    points: Mapped[int | None]
    points_possible: Mapped[int | None]
    statement: Mapped[str | None]  # key of the sentence of meaning that was shown
    entry_seq: Mapped[int | None] = mapped_column(unique=True)
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("sheet.id"))
    version: Mapped[int] = mapped_column(default=1)

    enrolment: Mapped[Enrolment] = relationship(lazy="raise")
    examiner: Mapped[User] = relationship(lazy="raise")
    marks: Mapped[list["StepMark"]] = relationship(lazy="raise", back_populates="sheet")
    answer: Mapped["Countersignature | None"] = relationship(lazy="raise", back_populates="sheet")

    __table_args__ = (UniqueConstraint("enrolment_id", "skill_id", "number", "revision"),)


class StepMark(db.Model):
    """One step's mark; saved as it is tapped."""

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    step_id: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]  # rules.Mark
    saved_at: Mapped[datetime]

    sheet: Mapped[Sheet] = relationship(lazy="raise", back_populates="marks")


class SheetWords(db.Model):
    """The words of an unsigned sheet: signing seals them into the ledger's values and drops them here."""

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    words: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Countersignature(db.Model):
    """The student's answer to a signed sheet: countersigned, or declined with words (in the ledger's values)."""

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), unique=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    agreed: Mapped[bool]
    at: Mapped[datetime]
    entry_seq: Mapped[int] = mapped_column(unique=True)

    sheet: Mapped[Sheet] = relationship(lazy="raise", back_populates="answer")


SIGNED = "EXISTS (SELECT 1 FROM sheet WHERE sheet.id = {row}.sheet_id AND sheet.signed_at IS NOT NULL)"
db.frozen(Sheet, when="{row}.signed_at IS NOT NULL")
db.frozen(StepMark, when=SIGNED, insert=True)
db.frozen(Countersignature)
