"""The only reader of time."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    return _stopped.get() or datetime.now(UTC)


@contextmanager
def at(instant: datetime) -> Generator[None]:
    """Time stands still at an instant: for the past of the demo school, and for nothing else."""
    before = _stopped.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _stopped.reset(before)


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in the school's zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def today(zone: str) -> date:
    return local_date(now(), zone)
