"""What a published edition says, as immutable values; every text is bilingual."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, TypeVar


class Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Named)


class ItemType(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"


class Bloom(StrEnum):
    REMEMBER = "remember"
    UNDERSTAND = "understand"
    APPLY = "apply"
    ANALYSE = "analyse"
    EVALUATE = "evaluate"
    CREATE = "create"


class MinuteKind(StrEnum):
    """Kinds of planned clock minutes of a module."""

    THEORY_ONLINE = "theory_online"
    THEORY_IN_PERSON = "theory_in_person"
    LAB = "lab"


class SpanishStatus(StrEnum):
    PENDING_REVIEW = "pending_review"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages of the school; a missing Spanish reads as English."""

    en: str
    es: str = ""

    def get(self, lang: str) -> str:
        return self.es if lang.startswith("es") and self.es else self.en


@dataclass(frozen=True, slots=True)
class QuizPolicy:
    pass_percent: int
    draw: int
    attempts: int
    wait_minutes: int


@dataclass(frozen=True, slots=True)
class Objective:
    id: str
    bloom: Bloom
    safety: bool
    text: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One idea of a lesson; its HTML was sanitised when the edition was made."""

    id: str
    title: Text
    html: Text


@dataclass(frozen=True, slots=True)
class Lesson:
    id: str
    module_id: str
    title: Text
    minutes: Mapping[str, int]  # reading, figures, cases, practice
    objectives: tuple[str, ...]
    safety: bool
    steps: tuple[Step, ...]

    @property
    def total_minutes(self) -> int:
        return sum(self.minutes.values())

    def step(self, step_id: str) -> Step:
        return _find(self.steps, step_id)


@dataclass(frozen=True, slots=True)
class Session:
    """The plan of one live class."""

    id: str
    kind: MinuteKind
    minutes: int
    title: Text
    objectives: tuple[str, ...]
    materials: Text
    plan: Text


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    correct: bool
    text: Text
    why: Text


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
    value: float | None = None  # numeric only, as are tolerance, unit and why
    tolerance: float | None = None
    unit: Text | None = None
    why: Text | None = None

    @property
    def correct_ids(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options if option.correct)

    def option(self, option_id: str) -> Option:
        return _find(self.options, option_id)


@dataclass(frozen=True, slots=True)
class Module:
    id: str
    slug: str
    title: Text
    summary: Text
    prerequisites: tuple[str, ...]
    minutes: Mapping[str, int]  # planned clock minutes by MinuteKind
    quiz: QuizPolicy
    objectives: tuple[Objective, ...]
    lessons: tuple[Lesson, ...]
    sessions: tuple[Session, ...]
    items: tuple[Item, ...]

    def objective(self, objective_id: str) -> Objective:
        return _find(self.objectives, objective_id)

    def lesson(self, lesson_id: str) -> Lesson:
        return _find(self.lessons, lesson_id)

    def session(self, session_id: str) -> Session:
        return _find(self.sessions, session_id)

    def item(self, item_id: str) -> Item:
        return _find(self.items, item_id)


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    id: str
    number: int
    text: Text
    looks_like: Text
    points: int
    critical: bool
    na_allowed: bool
    order: bool  # must come in its place
    module_id: str  # module_id, lesson_id and step_id name where it is taught
    lesson_id: str
    step_id: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A short ready comment that an examiner taps."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Skill:
    """A practical checklist; `hash` is over its canonical JSON, both languages included."""

    id: str
    hash: str
    slug: str
    module_id: str
    title: Text
    purpose: Text
    setting: Text
    equipment: tuple[Text, ...]
    time_limit_minutes: int
    prerequisite_modules: tuple[str, ...]
    prerequisite_skills: tuple[str, ...]
    signers: tuple[str, ...]  # credentials that may sign, such as "PT"
    pass_percent: int
    min_rating: int
    steps: tuple[ChecklistStep, ...]
    common_errors: tuple[Text, ...]
    chips: tuple[Chip, ...]
    prompts: tuple[Text, ...]

    def step(self, step_id: str) -> ChecklistStep:
        return _find(self.steps, step_id)

    def chip(self, chip_id: str) -> Chip:
        return _find(self.chips, chip_id)


@dataclass(frozen=True, slots=True)
class Term:
    id: str
    term: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Reference:
    id: str
    text: str
    seen: str  # full, partly or known: how much of the source the authors read
    note: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement the school must make, dated and with its source."""

    id: str
    as_of: date
    source: str
    text: Text
    short: Text


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything one published state of a course says."""

    course_id: str
    edition_id: str
    part: bool  # true: a part of the course, not the whole
    title: Text
    edition_title: Text
    serial_code: str
    languages: tuple[str, ...]
    spanish_status: SpanishStatus
    modules: tuple[Module, ...]
    skills: tuple[Skill, ...]
    glossary: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}))
    references: Mapping[str, Reference] = field(default_factory=lambda: MappingProxyType({}))
    statements: tuple[Statement, ...] = ()

    @property
    def minutes_by_kind(self) -> dict[str, int]:
        return {kind.value: sum(module.minutes.get(kind.value, 0) for module in self.modules) for kind in MinuteKind}

    @property
    def items(self) -> Iterator[Item]:
        return (item for module in self.modules for item in module.items)

    def module(self, module_id: str) -> Module:
        return _find(self.modules, module_id)

    def skill(self, skill_id: str) -> Skill:
        return _find(self.skills, skill_id)

    def lesson(self, module_id: str, lesson_id: str) -> Lesson:
        return self.module(module_id).lesson(lesson_id)

    def item(self, item_id: str) -> Item:
        return self.module_of_item(item_id).item(item_id)

    def module_of_item(self, item_id: str) -> Module:
        for module in self.modules:
            if any(item.id == item_id for item in module.items):
                return module
        raise KeyError(item_id)

    def statement(self, statement_id: str) -> Statement:
        return _find(self.statements, statement_id)


def _find(things: tuple[T, ...], wanted: str) -> T:
    for thing in things:
        if thing.id == wanted:
            return thing
    raise KeyError(wanted)
