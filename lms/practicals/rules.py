"""When a skill was shown, when a sheet may be opened, which sheet counts. Pure."""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from lms.catalog.types import ChecklistStep, Skill
from lms.errors import RuleBroken

RATINGS = range(1, 6)
UNSAFE = 1  # this overall rating is always "not yet", and is explained in words


class Mark(StrEnum):
    INDEPENDENT = "independent"
    PROMPTED = "prompted"
    NOT_YET = "not_yet"
    NOT_APPLICABLE = "not_applicable"


class Verdict(StrEnum):
    DEMONSTRATED = "demonstrated"
    NOT_YET = "not_yet"


class State(StrEnum):
    """Where a student stands with a skill, as pages draw it."""

    SIGNED = "signed"
    HALF = "half"  # demonstrated, and the student has not answered yet
    NOT_YET = "not_yet"
    NONE = "none"
    LOCK = "lock"


class Blank(RuleBroken):
    """A sheet with open steps has no verdict."""

    def __init__(self, steps: tuple[ChecklistStep, ...]) -> None:
        super().__init__("Not marked: " + ", ".join(step.id for step in steps))
        self.steps = steps


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    points: int
    possible: int
    needed: int
    critical_missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What an examiner entered; None and absent keys leave things as they are."""

    marks: Mapping[str, Mark] = field(default_factory=dict[str, Mark])
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    chips: tuple[str, ...] | None = None
    comment: str | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """How and when the signer proved who they are."""

    method: str
    at: datetime

    def holds(self, now: datetime, within: timedelta) -> bool:
        return timedelta(0) <= now - self.at <= within


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands between a student and the next try at a skill."""

    modules: tuple[str, ...]  # whose quiz comes first
    skills: tuple[str, ...]  # to be signed first
    shown: bool
    tries: int
    allowed: int

    @property
    def is_open(self) -> bool:
        return not (self.modules or self.skills or self.shown) and self.tries < self.allowed

    @property
    def left(self) -> int:
        return max(0, self.allowed - self.tries)


def blank(skill: Skill, marks: Mapping[str, Mark]) -> tuple[ChecklistStep, ...]:
    return tuple(step for step in skill.steps if step.id not in marks)


def left(skill: Skill, marks: Mapping[str, Mark]) -> tuple[int, int]:
    """How many steps have no mark, and how many of them are safety steps."""
    open_steps = blank(skill, marks)
    return len(open_steps), sum(step.critical for step in open_steps)


def may_mark(step: ChecklistStep, mark: Mark) -> bool:
    return mark is not Mark.NOT_APPLICABLE or step.na_allowed


def by_mark(skill: Skill, marks: Mapping[str, Mark]) -> dict[Mark, tuple[ChecklistStep, ...]]:
    return {mark: tuple(s for s in skill.steps if marks.get(s.id) is mark) for mark in Mark}


def unexplained(skill: Skill, marks: Mapping[str, Mark], reasons: Mapping[str, str]) -> tuple[ChecklistStep, ...]:
    """Steps that do not apply, without a reason."""
    return tuple(step for step in by_mark(skill, marks)[Mark.NOT_APPLICABLE] if not reasons.get(step.id))


def points_needed(skill: Skill, possible: int) -> int:
    """The fewest of `possible` points that reach the skill's percentage: a part of a point counts as a whole one."""
    return -(-skill.pass_percent * possible // 100)


def verdict(skill: Skill, marks: Mapping[str, Mark], rating: int) -> Outcome:
    """Every safety step unprompted, enough of the points that apply, and a rating that is high enough.

    Raises Blank while a step is open, RuleBroken for a mark or rating that the checklist does not know.
    """
    if still_open := blank(skill, marks):
        raise Blank(still_open)
    if wrong := [step.id for step in skill.steps if not may_mark(step, marks[step.id])]:
        raise RuleBroken("Always applies: " + ", ".join(wrong))
    if rating not in RATINGS:
        raise RuleBroken("The overall rating is a number from 1 to 5.")
    possible = sum(step.points for step in skill.steps if marks[step.id] is not Mark.NOT_APPLICABLE)
    points = sum(step.points for step in skill.steps if marks[step.id] is Mark.INDEPENDENT)
    needed = points_needed(skill, possible)
    missed = tuple(s.id for s in skill.steps if s.critical and marks[s.id] is not Mark.INDEPENDENT)
    rated = rating >= skill.min_rating and rating != UNSAFE
    # where nothing applied, nothing was shown
    shown = not missed and possible > 0 and points >= needed and rated
    return Outcome(Verdict.DEMONSTRATED if shown else Verdict.NOT_YET, points, possible, needed, missed)


def opening(skill: Skill, *, passed: Collection[str], shown: Set[str], tries: int, allowed: int) -> Opening:
    """`passed` are modules whose quiz is passed, `shown` the skills that count as demonstrated."""
    return Opening(
        modules=tuple(module for module in skill.prerequisite_modules if module not in passed),
        skills=tuple(other for other in skill.prerequisite_skills if other not in shown),
        shown=skill.id in shown,
        tries=tries,
        allowed=allowed,
    )


def shown_at(before: datetime | None, verdict: str | None, signed_at: datetime | None) -> datetime | None:
    """When a skill was shown, sheet after sheet in their order: the last signed says whether, the newest says when."""
    if signed_at is None:
        return before
    if verdict != Verdict.DEMONSTRATED:
        return None
    return max(before, signed_at) if before else signed_at


def state(verdict: Verdict | None, *, answered: bool, is_open: bool) -> State:
    """`verdict` is that of the sheet that counts, if there is one."""
    if verdict is Verdict.DEMONSTRATED:
        return State.SIGNED if answered else State.HALF
    if verdict is Verdict.NOT_YET:
        return State.NOT_YET
    return State.NONE if is_open else State.LOCK
