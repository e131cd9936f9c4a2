"""What a quiz is made of once it is drawn, and what a student may see of it, as immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from lms.catalog.items import ItemType
from lms.catalog.text import Text


class Drawn(TypedDict):
    """One line of an attempt's form, as it is stored: the item, the state of it, and its options in the order shown."""

    item: str
    hash: str
    options: list[str]


@dataclass(frozen=True, slots=True)
class Score:
    correct: int
    total: int


@dataclass(frozen=True, slots=True)
class Question:
    """An item as a page may show it while the attempt runs: it has no key and no reasons to give away."""

    number: int
    item_id: str
    type: ItemType
    stem: Text
    story: Text | None
    options: tuple[tuple[str, Text], ...]
    unit: Text | None

    def told(self, answer: list[str]) -> list[Text]:
        """The answer in words: the texts of the chosen options, or the number as it was typed."""
        texts = dict(self.options)
        return [texts.get(value) or Text(value) for value in answer]


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt as the rules see it; `score` is there once it was submitted."""

    attempt_id: int
    number: int
    submitted_at: datetime | None
    passed: bool
    score: Score | None
    further: bool = False  # an instructor released one more after it


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a student stands with one module's quiz."""

    tries: tuple[Try, ...]
    allowed: int
    attempts_left: int
    next_at: datetime | None  # when the next try opens; None where none is to come or none was made
    best: Score | None
    open_attempt_id: int | None
    passed: bool
    further: bool = False  # the next try is one that an instructor released

    @property
    def used(self) -> int:
        return len(self.tries)

    @property
    def passed_at(self) -> datetime | None:
        return min((one.submitted_at for one in self.tries if one.passed and one.submitted_at), default=None)


@dataclass(frozen=True, slots=True)
class Topic:
    """How many questions of one objective were right."""

    title: Text
    score: Score

    @property
    def low(self) -> bool:
        """Fewer than three in four: look at this again."""
        return self.score.correct * 4 < self.score.total * 3


@dataclass(frozen=True, slots=True)
class Answered:
    """One question after the attempt was submitted. `better` is empty until the key may be shown."""

    question: Question
    right: bool
    chosen: tuple[Text, ...]
    better: tuple[Text, ...]
    why: tuple[Text, ...]
    lesson_id: str
    step_id: str
    lesson: Text
    step: Text


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the result page says, beyond the score."""

    topics: tuple[Topic, ...]
    misses: Mapping[str, tuple[Answered, ...]]  # by objective id
    titles: Mapping[str, Text]  # of the objectives
    right: tuple[Answered, ...]  # empty until the key may be shown
    released: bool
