"""The database handle, the base of every model, the one type for instants, and the write discipline.

A request reads first. Each business action then opens `with db.write():`, which ends the read transaction, takes the
write lock (SQLite: BEGIN IMMEDIATE) and re-reads what it depends on: every object loaded before is expired.
"""

import enum
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, Enum, MetaData, TypeDecorator, event, select
from sqlalchemy.orm import DeclarativeBase, Session, registry

from lms.errors import NotFound
from lms.frozen import Frozen

M = TypeVar("M")


class Instant(TypeDecorator[datetime]):
    """SQLite forgets time zones: refuse naive times going in, give UTC coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        """Lists read thousands: what SQLite keeps as text is read in one step, a tenth of the time of three."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


class Base(DeclarativeBase):
    registry = registry(
        # words, not types of PostgreSQL: those outlive their tables, and a new value would need a migration of its own
        type_annotation_map={datetime: Instant, enum.Enum: Enum(enum.Enum, native_enum=False, length=32)},
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
    )


class Database(SQLAlchemy):
    frozen_tables: list[Frozen]
    if TYPE_CHECKING:  # Flask-SQLAlchemy adds only names of tables; the fields are Base's
        Model: type[Base]  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frozen_tables = []

    def frozen(self, model: Any, when: str | None = None, *, insert: bool = False) -> None:
        """Declare that rows of `model` may not change once `when` holds (always, if it is None).

        `when` is SQL about `{row}`. `insert=True` also refuses new rows while it holds: for children of a frozen row.
        """
        self.frozen_tables.append(Frozen(model.__tablename__, when, insert))

    @contextmanager
    def write(self, *, business: bool = True) -> Iterator[None]:
        """One action: everything inside is stored together or not at all. An inner one joins the outer.

        `business=False` is for the plumbing's own short writes (counters, last seen): they are nobody's act.
        """
        session = self.session()
        if session.info.get("writing"):
            yield
            return
        session.rollback()
        session.expire_all()  # a rollback does it only where a transaction was open
        session.info["writing"] = True
        after: list[Callable[[], None]] = []
        session.info["after_commit"] = after
        try:
            session.connection(execution_options={"immediate": True})
            with _around(session if business else None):
                yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False
        for act in after:
            act()

    def after_commit(self, act: Callable[[], None]) -> None:
        """Run `act` once the surrounding write is stored, never if it is undone."""
        self.session().info["after_commit"].append(act)

    def locked(self, model: type[M], key: Any) -> M:
        """The row, re-read and held until the end of the write. Raises NotFound."""
        row = self.session.scalars(
            select(model).filter_by(id=key).with_for_update().execution_options(populate_existing=True)
        ).one_or_none()
        if row is None:
            raise NotFound(f"{model.__name__} {key}")
        return row


@contextmanager
def _around(session: Session | None) -> Iterator[None]:
    """The act in hand (lms/idempotency.py), if any, claims its key first and stores its answer last."""
    act = session.info.get("act") if session else None
    if session and act:
        act.claim(session)
    yield
    if session and act:
        session.flush()
        act.store(session)


db = Database(
    model_class=Base,
    session_options={"expire_on_commit": False},
)


@event.listens_for(Session, "before_flush")
def _only_inside_write(session: Session, *_: Any) -> None:
    if not session.info.get("writing"):
        raise RuntimeError("changed outside db.write(): " + repr([*session.new, *session.dirty, *session.deleted][:3]))


@event.listens_for(Engine, "connect")
def _pragmas(connection: Any, _: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # the begin event below decides how a transaction opens
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "recursive_triggers=ON",
            "trusted_schema=OFF",
            "secure_delete=ON",  # an erased value leaves no copy in free pages
        ):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
