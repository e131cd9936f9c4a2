"""Whether an answer is right and an attempt passed. Pure, and exact: counts and decimals, never floats."""

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from lms.catalog.items import Item, ItemType
from lms.quizzes.types import Score

# As people in California write numbers: a point for decimals, commas between groups of three digits.
NUMBER = re.compile(r"[-−+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)", re.ASCII)
LONGEST_NUMBER = 20


class Problem(StrEnum):
    """Why something typed is no answer to the question."""

    NOT_A_NUMBER = "not_a_number"
    NOT_AN_OPTION = "not_an_option"
    ONE_ONLY = "one_only"


def number(typed: str) -> Decimal | None:
    """The number that was typed, or None where it is not one: “1,000” is a thousand, “2,5” is nothing."""
    text = typed.strip()
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        return None
    return Decimal(text.replace(",", "").replace("−", "-"))


def read(item: Item, shown: Collection[str], typed: Iterable[str]) -> list[str] | Problem:
    """The answer as it is kept: chosen options in the order shown, or one number. An empty one takes it back."""
    given = [value for value in typed if value.strip()]
    if item.type is ItemType.NUMERIC:
        return _read_number(given)
    if any(value not in shown for value in given):
        return Problem.NOT_AN_OPTION
    if item.type is not ItemType.MULTIPLE and len(set(given)) > 1:
        return Problem.ONE_ONLY
    return [option for option in shown if option in given]


def _read_number(given: list[str]) -> list[str] | Problem:
    if not given:
        return []
    if len(given) > 1 or number(given[0]) is None:
        return Problem.NOT_A_NUMBER
    return [given[0].strip()]


def correct(item: Item, answer: list[str]) -> bool:
    """All or nothing: every right option and no other, or a number within the tolerance."""
    if item.type is ItemType.NUMERIC:
        return _close(item, answer)
    return bool(answer) and len(answer) == len(set(answer)) and frozenset(answer) == item.correct_ids


def _close(item: Item, answer: list[str]) -> bool:
    value = number(answer[0]) if len(answer) == 1 else None
    if value is None or item.value is None:
        return False
    # str() of a float is what the author wrote: 0.1 stays a tenth
    return abs(value - Decimal(str(item.value))) <= Decimal(str(item.tolerance or 0))


def score(items: Iterable[Item], answers: Mapping[str, list[str]]) -> Score:
    """One point an item; an unanswered one counts in the total."""
    judged = [correct(item, answers.get(item.id, [])) for item in items]
    return Score(sum(judged), len(judged))


def needed(total: int, percent: int) -> int:
    """The fewest right answers that reach the percentage: a part of an answer counts as a whole one."""
    return -(-total * percent // 100)


def passed(score: Score, percent: int) -> bool:
    return score.total > 0 and score.correct >= needed(score.total, percent)
