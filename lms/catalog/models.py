"""Published courses."""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import db


class CourseVersion(db.Model):
    """An immutable, published, hash-addressed state of a course."""

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(index=True)
    edition_id: Mapped[str]
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(unique=True)
    content: Mapped[str] = mapped_column(Text, deferred=True)  # the canonical JSON that was hashed
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None]

    __table_args__ = (UniqueConstraint("course_id", "number"),)


db.frozen(CourseVersion)
