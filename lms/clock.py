"""The only reader of time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    return datetime.now(UTC)


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in the school's zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def today(zone: str) -> date:
    return local_date(now(), zone)
