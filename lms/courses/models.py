from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import db


class StepDone(db.Model):
    """A student went past a lesson step for the first time: the recorded event that progress is computed from."""

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    module_id: Mapped[str]
    lesson_id: Mapped[str]
    step_id: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("enrolment_id", "lesson_id", "step_id"),)


class ReadingPlace(db.Model):
    """Where a student reads, to resume on any device."""

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    lesson_id: Mapped[str]
    module_id: Mapped[str]
    step_id: Mapped[str]
    at: Mapped[datetime]


class ActivityBeat(db.Model):
    """A sign of life in a lesson: a step passed or a heartbeat while the page was visible and used."""

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    module_id: Mapped[str]
    lesson_id: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_activity_beat_enrolment_at", "enrolment_id", "at"),)
