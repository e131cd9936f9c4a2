"""A question of the bank, of any type, as an immutable value."""

from dataclasses import dataclass
from enum import StrEnum

from lms.catalog.text import Text, find


class ItemType(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"
    HOTSPOT = "hotspot"
    SHORT = "short"
    CASE = "case"


# What a quiz can ask and grade; items of the other types are kept in the bank and never drawn.
PLAYED = frozenset({ItemType.SINGLE, ItemType.MULTIPLE, ItemType.TRUE_FALSE, ItemType.NUMERIC})


class Bloom(StrEnum):
    REMEMBER = "remember"
    UNDERSTAND = "understand"
    APPLY = "apply"
    ANALYSE = "analyse"
    EVALUATE = "evaluate"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen, put in order, matched or pointed at; of a short answer, what earns points.

    An ordering lists its options in the right order. `match` is what belongs to this one in a matching; there an
    option that is not `correct` is a right side that belongs to none.
    """

    id: str
    correct: bool
    text: Text
    why: Text
    match: Text | None = None
    points: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """A question; `hash` is over its canonical JSON, both languages and the key included."""

    id: str
    hash: str
    type: ItemType
    objective: str
    bloom: Bloom
    difficulty: int
    safety: bool
    lesson_id: str
    step_id: str
    stem: Text
    options: tuple[Option, ...] = ()  # true_false has the two options "true" and "false"
    value: float | None = None  # numeric only, as are tolerance and unit
    tolerance: float | None = None
    unit: Text | None = None
    why: Text | None = None  # numeric
    story: Text | None = None  # what is told before the stem
    figure: str | None = None  # hotspot: the address of its figure in Edition.maps; option ids name regions of it
    model: Text | None = None  # short: a full answer
    parts: tuple["Item", ...] = ()  # case: its questions

    @property
    def played(self) -> bool:
        """Whether a quiz can ask it."""
        return self.type in PLAYED

    @property
    def correct_ids(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options if option.correct)

    def option(self, option_id: str) -> Option:
        return find(self.options, option_id)
