from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import User
from lms.cohorts.models import Enrolment
from lms.db import db


class Attempt(db.Model):
    """One sitting of a module's quiz, with the form as it was drawn; frozen once submitted."""

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    module_id: Mapped[str]
    number: Mapped[int]
    form: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{item, hash, options: [ids in the order shown]}]
    pass_percent: Mapped[int]
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    correct: Mapped[int | None]
    passed: Mapped[bool | None]
    receipt: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    enrolment: Mapped[Enrolment] = relationship(lazy="raise")
    responses: Mapped[list["Response"]] = relationship(lazy="raise", back_populates="attempt")

    __table_args__ = (UniqueConstraint("enrolment_id", "module_id", "number"),)


class Response(db.Model):
    """One answer to one item, saved as it is given; judged when the attempt is submitted."""

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    item_id: Mapped[str]
    item_hash: Mapped[str]
    answer: Mapped[list[str]] = mapped_column(JSON)  # option ids, or one number as typed
    saved_at: Mapped[datetime]
    receipt: Mapped[str]
    correct: Mapped[bool | None]

    attempt: Mapped[Attempt] = relationship(lazy="raise", back_populates="responses")

    __table_args__ = (UniqueConstraint("attempt_id", "item_id"),)


class AttemptRelease(db.Model):
    """An instructor let a student start one attempt more than the rules allow; frozen once it is written."""

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    module_id: Mapped[str]
    number: Mapped[int]  # of the attempt that it opens
    reason: Mapped[str]  # rules.ReleaseReason
    released_at: Mapped[datetime]
    released_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    released_by: Mapped[User] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("enrolment_id", "module_id", "number"),)


SUBMITTED = "EXISTS (SELECT 1 FROM attempt WHERE attempt.id = {row}.attempt_id AND attempt.submitted_at IS NOT NULL)"
db.frozen(Attempt, when="{row}.submitted_at IS NOT NULL")
db.frozen(Response, when=SUBMITTED, insert=True)
db.frozen(AttemptRelease)
