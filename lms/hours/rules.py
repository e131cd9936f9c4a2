"""Clock hours: kinds, what may be proposed, and how totals meet the plan. Pure; minutes everywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    THEORY_ONLINE = "theory_online"
    THEORY_IN_PERSON = "theory_in_person"
    LAB = "lab"
    FINAL_PRACTICAL = "final_practical"


class Source(StrEnum):
    ROSTER = "roster"
    ACTIVITY = "activity"


IN_PERSON = (Kind.THEORY_IN_PERSON, Kind.LAB, Kind.FINAL_PRACTICAL)
LONGEST_CLASS = 12 * 60


@dataclass(frozen=True)
class Span:
    """A class from one instant to another."""

    starts: datetime
    ends: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends - self.starts).total_seconds() // 60)

    def overlaps(self, other: "Span") -> bool:
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True, slots=True)
class Totals:
    """What the hours of one enrolment come to."""

    minutes: Mapping[str, int]  # approved, by kind
    pending: int  # entries that nobody has decided
    last_approved_at: datetime | None


def of_the_course(planned: Mapping[str, int], approved: Mapping[str, int]) -> dict[str, int]:
    """The approved minutes, by kind, that make up the planned ones and no more.

    Theory may be read or attended: a split as near the plan as what was approved allows. Where the approved minutes
    do not reach the plan, all of them.
    """
    online, class_ = (approved.get(kind, 0) for kind in (Kind.THEORY_ONLINE, Kind.THEORY_IN_PERSON))
    theory = min(planned[Kind.THEORY_ONLINE] + planned[Kind.THEORY_IN_PERSON], online + class_)
    attended = max(min(planned[Kind.THEORY_IN_PERSON], class_), theory - online)
    return {
        Kind.THEORY_ONLINE.value: theory - attended,
        Kind.THEORY_IN_PERSON.value: attended,
        **{kind.value: min(planned.get(kind, 0), approved.get(kind, 0)) for kind in (Kind.LAB, Kind.FINAL_PRACTICAL)},
    }


def roster_problem(span: Span, minutes: int, *, now: datetime) -> str | None:
    """Which rule a roster line breaks, as a key: future, backwards, too_long or too_many; None when it is fine."""
    if span.ends > now:
        return "future"
    if span.ends <= span.starts:
        return "backwards"
    if span.minutes > LONGEST_CLASS:
        return "too_long"
    if not 0 < minutes <= span.minutes:
        return "too_many"
    return None


def day_problem(day: date, *, first: date, last: date, today: date) -> str | None:
    """Why hours of that day cannot count, as a key: not_yet, before or after; None when they can.

    `first` is the day of the enrolment, `last` the cohort's.
    """
    if day > today:
        return "not_yet"
    if day < first:
        return "before"
    return "after" if day > last else None


def day_of_class(*, first: date, last: date, today: date) -> date:
    """The day that a roster most likely is about."""
    return today if first <= today <= last else last


def clashes(span: Span, others: Iterable[Span]) -> bool:
    """Two classes at the same time cannot both count for one student."""
    return any(span.overlaps(other) for other in others)


def to_propose(active: Mapping[date, int], proposed: Mapping[date, int], *, room: int) -> dict[date, int]:
    """Minutes a day of recorded reading that are not proposed yet, oldest day first, never more than `room` in all.

    `room` is what the plan of online theory still takes.
    """
    found: dict[date, int] = {}
    for day, minutes in sorted(active.items()):
        new = min(minutes - proposed.get(day, 0), room)
        if new > 0:
            found[day], room = new, room - new
    return found
