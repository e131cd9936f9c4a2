"""Progress through lessons and active reading time, as pure functions of recorded events."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lms.catalog.types import Edition, Lesson, Module

StepKey = tuple[str, str]  # lesson id, step id
NEW_SITTING = timedelta(minutes=30)  # a longer silence ends a sitting; none of it counts


@dataclass(frozen=True)
class Place:
    """A step of a lesson, as an address."""

    module_id: str
    lesson_id: str
    step_id: str


@dataclass(frozen=True)
class ModuleProgress:
    """Lessons of a module that are complete, and how many there are."""

    done: int
    total: int

    @property
    def complete(self) -> bool:
        return self.done == self.total


def steps_left(lesson: Lesson, done: Collection[StepKey]) -> int:
    return sum((lesson.id, step.id) not in done for step in lesson.steps)


def lesson_done(lesson: Lesson, done: Collection[StepKey]) -> bool:
    """A lesson is complete once the student has gone past each of its steps."""
    return steps_left(lesson, done) == 0


def module_progress(module: Module, done: Collection[StepKey]) -> ModuleProgress:
    return ModuleProgress(sum(lesson_done(lesson, done) for lesson in module.lessons), len(module.lessons))


def waits_for(module: Module, edition: Edition, done: Collection[StepKey]) -> list[Module]:
    """The earlier modules whose lessons must be complete before this one opens."""
    earlier = [edition.module(module_id) for module_id in module.prerequisites]
    return [other for other in earlier if not module_progress(other, done).complete]


def is_place(edition: Edition, place: Place) -> bool:
    """Whether the edition has this step."""
    try:
        edition.lesson(place.module_id, place.lesson_id).step(place.step_id)
    except KeyError:
        return False
    return True


def figure(lesson: Lesson, name: str, lang: str) -> tuple[str, str] | None:
    """The step that shows the figure, and its HTML in that language; None where the lesson shows no such figure."""
    start = f'<figure id="figure-{name}-{lang}">'
    for step in lesson.steps:
        _before, found, rest = step.html.get(lang).partition(start)
        if found:
            return step.id, f"{start}{rest.partition('</figure>')[0]}</figure>"
    return None


def _within(module: Module) -> list[Place]:
    """The steps of a module in reading order."""
    return [Place(module.id, lesson.id, step.id) for lesson in module.lessons for step in lesson.steps]


def following(edition: Edition, place: Place) -> Place | None:
    """The step after this one within its module; None at the module's end."""
    rest = _within(edition.module(place.module_id))
    index = rest.index(place) + 1
    return rest[index] if index < len(rest) else None


def preceding(edition: Edition, place: Place) -> Place | None:
    rest = _within(edition.module(place.module_id))
    index = rest.index(place)
    return rest[index - 1] if index else None


def next_place(edition: Edition, done: Collection[StepKey], resume: Place | None) -> Place | None:
    """Where to go on: the place where the student stopped if it is still to do, else the first step that is."""
    if resume and is_place(edition, resume) and (resume.lesson_id, resume.step_id) not in done:
        return resume
    for module in edition.modules:
        for lesson in module.lessons:
            for step in lesson.steps:
                if (lesson.id, step.id) not in done:
                    return Place(module.id, lesson.id, step.id)
    return None


def active_minutes(
    beats: Iterable[tuple[str, datetime]],
    *,
    lesson_minutes: Mapping[str, int],
    zone: str,
    idle: timedelta,
    cap_percent: int,
    daily_cap: int,
) -> dict[date, int]:
    """Whole minutes of reading a day, in the school's zone (RULES 5.5).

    `beats` are signs of life (lesson id, instant) in order of time: one timeline, so two open tabs count once. A gap
    counts up to `idle`; one over half an hour begins a new sitting. `lesson_minutes` are planned minutes by lesson:
    a lesson counts up to `cap_percent` of them in all, a day up to `daily_cap` minutes.
    """
    spent: dict[str, timedelta] = defaultdict(timedelta)
    days: dict[date, timedelta] = defaultdict(timedelta)
    before: datetime | None = None
    for lesson_id, at in beats:
        gap = at - before if before is not None and at > before else timedelta()
        before = at if before is None else max(before, at)
        counted = timedelta() if gap > NEW_SITTING else min(gap, idle)
        room = timedelta(minutes=lesson_minutes.get(lesson_id, 0) * cap_percent / 100) - spent[lesson_id]
        counted = max(timedelta(), min(counted, room))
        spent[lesson_id] += counted
        days[at.astimezone(ZoneInfo(zone)).date()] += counted
    limit = timedelta(minutes=daily_cap)
    minutes = {day: int(min(total, limit).total_seconds() // 60) for day, total in days.items()}
    return {day: count for day, count in sorted(minutes.items()) if count}
