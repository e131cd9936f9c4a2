"""Attempt counters shared by all workers: fixed windows in the database, so that no cache loss lifts a limit."""

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from lms import clock
from lms.db import db
from lms.errors import TooManyTries


class AttemptCount(db.Model):
    """How often something was tried in one window; the subject is stored as a hash."""

    name: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


def hit(what: str, subject: str, *, limit: int, seconds: int) -> None:
    """Count one try of `what` by `subject`. Raises TooManyTries past `limit` in the window."""
    now = clock.now()
    window = int(now.timestamp()) // seconds
    ends_at = datetime.fromtimestamp((window + 1) * seconds, UTC)
    row = {"name": _name(what, subject), "window": window, "count": 1, "ends_at": ends_at}
    build = sqlite_insert if db.engine.dialect.name == "sqlite" else postgresql_insert
    upsert = build(AttemptCount).values(row)
    upsert = upsert.on_conflict_do_update(
        index_elements=["name", "window"], set_={"count": AttemptCount.count + 1}
    ).returning(AttemptCount.count)
    with db.write(business=False):
        count = db.session.execute(upsert).scalar_one()
    if count > limit:
        raise TooManyTries(max(1, int((ends_at - now).total_seconds())))


def clear(what: str, subject: str) -> None:
    """Forget the tries of a subject that proved itself."""
    name = _name(what, subject)
    if db.session.scalars(select(AttemptCount.name).filter_by(name=name).limit(1)).first():
        with db.write(business=False):
            db.session.execute(delete(AttemptCount).where(AttemptCount.name == name))


def forget_old() -> None:
    with db.write(business=False):
        db.session.execute(delete(AttemptCount).where(AttemptCount.ends_at < clock.now() - timedelta(days=1)))


def _name(what: str, subject: str) -> str:
    return f"{what}:{hashlib.sha256(subject.casefold().encode()).hexdigest()[:32]}"
