"""Checks of quiz.yaml: keys, stems, links to objectives and steps, coverage."""

import re
from collections.abc import Iterator

from lms.catalog.checks.course import pair_wording, pairs
from lms.catalog.checks.index import Index, Place, repeated
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import (
    AnyItem,
    ModuleFile,
    MultipleItem,
    QuizFile,
    SingleItem,
    TrueFalseItem,
)
from lms.catalog.formats.source import SourceCourse, SourceFile, SourceModule

WORDS_LIMIT = {"en": 25, "es": 32}  # Spanish is about a quarter longer
NEGATIVE = {
    "en": re.compile(r"\bNOT\b|\bEXCEPT\b|\bexcept\b|^Which (?:\w+ ){0,3}(?:is|are|should|may|does|do) not\b"),
    "es": re.compile(r"\bNO\b|\b[Ee][Xx][Cc][Ee][Pp][Tt][Oo]\b|\b[Mm]enos cuál"),
}
CHOICES = {"single": (4, 4), "multiple": (4, 5)}


def check_quizzes(source: SourceCourse, found: Index) -> Iterator[Problem]:
    yield from repeated(_items(source), "item")
    for module in source.modules:
        if module.quiz.value:
            yield from _quiz(module, module.quiz.value, found)


def _items(source: SourceCourse) -> Iterator[Place]:
    for module in source.modules:
        for at, item in enumerate(module.quiz.value.items if module.quiz.value else ()):
            yield item.id, module.quiz, ("items", at)


def _quiz(module: SourceModule, quiz: QuizFile, found: Index) -> Iterator[Problem]:
    for at, item in enumerate(quiz.items):
        yield from _key(module.quiz, at, item)
        yield from _stem(module.quiz, at, item)
        yield from _wording(module.quiz, at, item)
        if module.file.value:
            yield from _links(module.quiz, at, item, module.file.value, found)
    if module.file.value:
        yield from _coverage(module, module.file.value, quiz)


def _key(file: SourceFile[QuizFile], at: int, item: AnyItem) -> Iterator[Problem]:
    if not isinstance(item, SingleItem | MultipleItem):
        return
    where = ("items", at, "options")
    right = sum(option.correct for option in item.options)
    options = enumerate(item.options)
    yield from repeated(((option.id, file, (*where, n)) for n, option in options), "option")
    if item.type == "single" and right != 1:
        what, mend = f"{item.id} has {right} correct options.", "Mark exactly one as correct."
        yield file.wrong(where, what, mend)
    if item.type == "multiple" and not 1 <= right < len(item.options):
        what, mend = (
            f"{item.id} has {right} of {len(item.options)} correct.",
            "Mark one or more, but not all.",
        )
        yield file.wrong(where, what, mend)
    least, most = CHOICES[item.type]
    if not least <= len(item.options) <= most:
        what = f"{item.id} has {len(item.options)} options; {least} to {most} are usual."
        yield file.wrong(where, what, "Add or remove options.", warning=True)


def _stem(file: SourceFile[QuizFile], at: int, item: AnyItem) -> Iterator[Problem]:
    for lang, text in (("en", item.stem.en), ("es", item.stem.es)):
        where = ("items", at, "stem", lang)
        count = len(text.split())
        if count > WORDS_LIMIT[lang]:
            what = f"The stem of {item.id} has {count} words, {WORDS_LIMIT[lang]} are the limit."
            yield file.wrong(where, what, "Ask one thing in a short sentence.")
        if NEGATIVE[lang].search(text):
            what = f"The stem of {item.id} asks for the exception."
            yield file.wrong(where, what, "Ask for what is right, without NOT or EXCEPT.")


def _wording(file: SourceFile[QuizFile], at: int, item: AnyItem) -> Iterator[Problem]:
    """Wrong options, the stem of a false statement, and every explanation may name a misconception."""
    for path, pair in pairs(item):
        if any(part in ("why", "why_true", "why_false") for part in path):
            continue
        if path[0] == "stem" and isinstance(item, TrueFalseItem) and not item.answer:
            continue
        if (
            path[0] == "options"
            and isinstance(item, SingleItem | MultipleItem)
            and not item.options[int(path[1])].correct
        ):
            continue
        yield from pair_wording(file, ("items", at, *path), pair)


def _links(file: SourceFile[QuizFile], at: int, item: AnyItem, module: ModuleFile, found: Index) -> Iterator[Problem]:
    if item.objective not in {objective.id for objective in module.objectives}:
        what = f"The objective {item.objective} does not exist in this module."
        yield file.wrong(("items", at, "objective"), what, "Correct it or add it to module.yaml.")
    lesson, _, step = item.lesson.partition("#")
    if not found.has_step(module.id, lesson, step):
        what = f"The step {item.lesson} does not exist in this module."
        yield file.wrong(("items", at, "lesson"), what, "Name the lesson and step that teach it.")


def _coverage(module: SourceModule, file: ModuleFile, quiz: QuizFile) -> Iterator[Problem]:
    if file.quiz.draw > len(quiz.items):
        what = f"The quiz draws {file.quiz.draw} items, {len(quiz.items)} exist."
        yield module.file.wrong(("quiz", "draw"), what, "Draw fewer or write more.")
    asked = {item.objective for item in quiz.items}
    for at, objective in enumerate(file.objectives):
        if objective.id not in asked:
            what = f"No item asks about the objective {objective.id}."
            yield module.file.wrong(("objectives", at), what, "Write one in quiz.yaml.", warning=True)
