"""Checks of the bank as a whole: what gives a key away, and questions that are asked twice."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from lms.catalog.checks.quizzes import Asked, asked_in
from lms.catalog.checks.texts import pairs
from lms.catalog.formats.item_shapes import SingleItem, TrueFalseItem
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.source import SourceCourse, SourceModule

LONGER = 1.15  # a right option this much longer than every other gives itself away
LONGER_BY = 8  # characters; under that nobody sees it
LONGEST_SHARE = 0.4  # of a module's single-choice items may have their key as the longest option
POSITION_SHARE = (0.1, 0.4)  # of the keys of a module, at each of four positions
FEW = 8  # items of a kind from which shares mean something
ALIKE = 0.7  # of the words of two items together that both have
TINY = re.compile(r"\b\w{1,2}\b")
WORDS = re.compile(r"\w+")
LANGUAGES = (("en", "English"), ("es", "Spanish"))


def check_cues(source: SourceCourse) -> Iterator[Problem]:
    for module in source.modules:
        asked = list(asked_in(module))
        singles = [(one, one.item) for one in asked if isinstance(one.item, SingleItem)]
        for one, item in singles:
            yield from _length(one, item)
        if module.quiz.value:  # shares of a bank mean nothing where some of its items could not be read
            yield from _longest(module, [item for _one, item in singles])
            yield from _positions(module, [item for _one, item in singles])
            yield from _truths(module, [one.item for one in asked if isinstance(one.item, TrueFalseItem)])
    yield from _twice([one for module in source.modules for one in asked_in(module)])


def _lengths(item: SingleItem, lang: str) -> tuple[int, int]:
    """Characters of the right option, and of the longest other."""
    sized = [(option.correct, len(getattr(option.text, lang))) for option in item.options]
    return max((n for right, n in sized if right), default=0), max((n for right, n in sized if not right), default=0)


def _length(one: Asked, item: SingleItem) -> Iterator[Problem]:
    for lang, name in LANGUAGES:
        key, other = _lengths(item, lang)
        if key > other * LONGER and key - other >= LONGER_BY:
            what = f"The right option of {item.id} is the longest by far in {name} ({key} characters, then {other})."
            yield one.wrong(("options",), what, "Shorten it, or make a wrong option as full.")


def _longest(module: SourceModule, items: list[SingleItem]) -> Iterator[Problem]:
    if len(items) < FEW:
        return
    for lang, name in LANGUAGES:
        longest = [item.id for item in items if (sizes := _lengths(item, lang))[0] > sizes[1]]
        if len(longest) > len(items) * LONGEST_SHARE:
            what = f"In {name} the right option is the longest in {len(longest)} of {len(items)}: {', '.join(longest)}."
            yield module.quiz.wrong(("items",), what, "Shorten some keys or fill out their wrong options.")


def _positions(module: SourceModule, items: list[SingleItem]) -> Iterator[Problem]:
    keys = [n for item in items for n, option in enumerate(item.options) if option.correct]
    if len(items) < FEW:
        return
    least, most = POSITION_SHARE
    for position, count in sorted((n, Counter(keys)[n]) for n in range(4)):
        if not len(keys) * least <= count <= len(keys) * most:
            what = f"The right option stands at place {position + 1} in {count} of {len(keys)} items."
            yield module.quiz.wrong(("items",), what, "Spread the right options over the places.")


def _truths(module: SourceModule, items: list[TrueFalseItem]) -> Iterator[Problem]:
    if len(items) > 1 and len({item.answer for item in items}) == 1:
        what = f"Every true-or-false item here is {str(items[0].answer).lower()}."
        yield module.quiz.wrong(("items",), what, "Turn one of them round.")


def _twice(asked: list[Asked]) -> Iterator[Problem]:
    bags = [(one, _bag(one)) for one in asked]
    for (first, one), (second, other) in combinations(bags, 2):
        shared = len(one & other)
        if shared and shared >= ALIKE * len(one | other) and second.at[: len(first.at)] != first.at:
            what = f"{second.item.id} is nearly the same as {first.item.id}."
            mend = f"Ask something else, or drop one; the other is at {first.file.path}:{first.file.line(*first.at)}."
            yield second.wrong((), what, mend)


def _bag(one: Asked) -> frozenset[str]:
    """The words of what a student reads, without the reasons."""
    said = (
        pair.en for path, pair in pairs(one.item) if not str(path[-1]).startswith("why") and "questions" not in path
    )
    return frozenset(WORDS.findall(TINY.sub(" ", " ".join(said).casefold())))
