"""How a quiz is drawn, when a try may start, and what may be told about it. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from random import Random

from lms.catalog.items import Item, ItemType
from lms.catalog.types import Edition, Module
from lms.courses.rules import StepKey, module_progress
from lms.quizzes.types import Drawn, Standing, Try

LEADING_NUMBER = re.compile(r"[^\d\w]{0,3}(\d+(?:,\d{3})*(?:\.\d+)?)", re.ASCII)


# ---- drawing ----------------------------------------------------------------------------------------------------
def draw(module: Module, rng: Random, earlier: Collection[str] = ()) -> list[Drawn]:
    """The form of one attempt: every objective before any comes twice, then rather what was not seen last time.

    `earlier` are the items of the last attempt. The same random source gives the same form.
    """
    ranked: list[tuple[tuple[bool, bool, int], Item]] = []
    for items in _by_objective(module, rng):
        items.sort(key=lambda item: item.id in earlier)  # stable: the shuffled order stays within each half
        for rank, item in enumerate(items):
            ranked.append(((rank > 0, item.id in earlier, rank), item))
    ranked.sort(key=lambda pair: pair[0])
    chosen = [item for _key, item in ranked[: module.quiz.draw]]
    rng.shuffle(chosen)
    return [{"item": item.id, "hash": item.hash, "options": option_order(item, rng)} for item in chosen]


def _by_objective(module: Module, rng: Random) -> list[list[Item]]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in module.played:
        groups[item.objective].append(item)
    shuffled = list(groups.values())
    rng.shuffle(shuffled)
    for items in shuffled:
        rng.shuffle(items)
    return shuffled


def option_order(item: Item, rng: Random) -> list[str]:
    """Shuffled, so that nobody learns “the second one”; true and false, and scales of numbers, keep their order."""
    ids = [option.id for option in item.options]
    if item.type is not ItemType.TRUE_FALSE and not is_scale(item):
        rng.shuffle(ids)
    return ids


def is_scale(item: Item) -> bool:
    """Whether the options are numbers from low to high or from high to low."""
    found = [LEADING_NUMBER.match(option.text.en) for option in item.options]
    numbers = [float(match[1].replace(",", "")) for match in found if match]
    if len(numbers) < 2 or len(numbers) < len(found):
        return False
    steps = [after - before for before, after in pairwise(numbers)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)


# ---- tries ------------------------------------------------------------------------------------------------------
def allowed(module: Module, policy: int) -> int:
    """Tries: what the course says, or the school where it says less."""
    return min(module.quiz.attempts, policy)


def attempts_left(used: int, allowed: int, *, further: bool) -> int:
    """Tries that may still be started. `further`: an instructor released the next one, whatever the rules allow."""
    return max(allowed - used, int(further), 0)


def standing(tries: Iterable[Try], allowed: int, wait: timedelta) -> Standing:
    """What the tries so far come to. A try counts from its start; the wait from when it was handed in.

    For a try that an instructor released nobody waits: they have just decided that it is time.
    """
    made = tuple(sorted(tries, key=lambda one: one.number))
    running = next((one.attempt_id for one in made if one.submitted_at is None), None)
    is_passed = any(one.passed for one in made)
    further = bool(made) and made[-1].further and len(made) >= allowed and not is_passed
    left = 0 if is_passed else attempts_left(len(made), allowed, further=further)
    ends = [one.submitted_at for one in made if one.submitted_at is not None]
    scores = [one.score for one in made if one.score is not None]
    return Standing(
        tries=made,
        allowed=max(allowed, len(made) + int(further)),
        attempts_left=left,
        next_at=max(ends) + wait if ends and left and running is None and not further else None,
        best=max(scores, key=lambda score: score.correct, default=None),
        open_attempt_id=running,
        passed=is_passed,
        further=further,
    )


class Reason(StrEnum):
    """Why a try may not start now."""

    NOT_ACTIVE = "not_active"
    PASSED = "passed"
    LESSONS = "lessons"
    QUIZZES = "quizzes"
    NONE_LEFT = "none_left"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not yet, with what the sentence about it needs."""

    reason: Reason
    left: int = 0
    total: int = 0
    modules: tuple[Module, ...] = ()
    until: datetime | None = None


def refusal(
    standing: Standing,
    module: Module,
    edition: Edition,
    *,
    learning: bool,
    steps: Collection[StepKey],
    passed: Collection[str],
    now: datetime,
) -> Refusal | None:
    """Why a new try of this module's quiz may not start, the first thing to do first; None when it may.

    `learning`: the enrolment is active; `steps` were read; `passed` are the modules whose quiz is passed.
    """
    if standing.passed:
        return Refusal(Reason.PASSED)
    if not learning:
        return Refusal(Reason.NOT_ACTIVE)
    if waiting := tuple(edition.module(one) for one in module.prerequisites if one not in passed):
        return Refusal(Reason.QUIZZES, modules=waiting)
    progress = module_progress(module, steps)
    if not progress.complete:
        return Refusal(Reason.LESSONS, progress.total - progress.done, progress.total)
    if standing.attempts_left == 0:
        return Refusal(Reason.NONE_LEFT, total=standing.allowed)
    if standing.next_at is not None and now < standing.next_at:
        return Refusal(Reason.WAIT, standing.attempts_left, until=standing.next_at)
    return None


class ReleaseReason(StrEnum):
    """Why an instructor releases a further try. A list and no words: the row is frozen and holds nothing personal."""

    REVIEWED = "reviewed"
    TECHNICAL = "technical"
    OTHER = "other"


class Unreleased(StrEnum):
    """Why no further try can be released."""

    PASSED = "passed"
    NOT_ACTIVE = "not_active"
    RUNNING = "running"
    RELEASED = "released"
    LEFT = "left"


def release_refusal(standing: Standing, *, learning: bool) -> Unreleased | None:
    """Why no further try can be released now; None when it can: all are used up, and none was released since."""
    if standing.passed:
        return Unreleased.PASSED
    if not learning:
        return Unreleased.NOT_ACTIVE
    if standing.open_attempt_id is not None:
        return Unreleased.RUNNING
    if standing.further:
        return Unreleased.RELEASED
    return Unreleased.LEFT if standing.attempts_left else None


# ---- what may be told -------------------------------------------------------------------------------------------
def key_released(standing: Standing) -> bool:
    """The right answers are told once they help no further try: when passed, or when none is left and none runs."""
    return standing.open_attempt_id is None and (standing.passed or standing.attempts_left == 0)


def languages(page: str, policy: str, *, reviewed: bool) -> tuple[str, ...]:
    """The languages of a graded question on a page in `page`; the first is the one in large.

    `policy` is en, es or both. Spanish that no clinician has reviewed never stands without the English.
    """
    if policy == "en" or (policy == "both" and page != "es"):
        return ("en",)
    return ("es",) if reviewed else ("es", "en")
