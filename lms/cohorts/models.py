from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import User
from lms.catalog.models import CourseVersion
from lms.cohorts.rules import CohortState, EnrolmentState
from lms.db import db


class Cohort(db.Model):
    """A dated run of a CourseVersion with people."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    room: Mapped[str] = mapped_column(default="")
    state: Mapped[CohortState] = mapped_column(default=CohortState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)

    course_version: Mapped[CourseVersion] = relationship(lazy="raise")
    instructors: Mapped[list["CohortInstructor"]] = relationship(lazy="raise", back_populates="cohort")


class CohortInstructor(db.Model):
    """An instructor's assignment: without it they see and sign nothing of the cohort."""

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)

    cohort: Mapped[Cohort] = relationship(lazy="raise", back_populates="instructors")
    user: Mapped[User] = relationship(lazy="raise")


class Enrolment(db.Model):
    """One student's place in a cohort, pinned to a CourseVersion; ends `awarded` or `withdrawn`, never deleted."""

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    state: Mapped[EnrolmentState] = mapped_column(default=EnrolmentState.ACTIVE)
    started_on: Mapped[date]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    cohort: Mapped[Cohort] = relationship(lazy="raise")
    user: Mapped[User] = relationship(lazy="raise")
    course_version: Mapped[CourseVersion] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("cohort_id", "user_id"),
        Index("ix_enrolment_cohort_state", "cohort_id", "state"),
    )


class StatementSignature(db.Model):
    """A student signed one version of a statement for one enrolment."""

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"))
    key: Mapped[str]
    signed_at: Mapped[datetime]
    entry_seq: Mapped[int] = mapped_column(unique=True)

    __table_args__ = (UniqueConstraint("enrolment_id", "statement_id"),)


db.frozen(StatementSignature)
