"""What a published edition says, as immutable values; every text is bilingual."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from lms.catalog.items import Bloom, Item
from lms.catalog.text import Text, find

AUTHOR_AND_YEAR = re.compile(r"([A-ZÀ-Þ][\w’'-]+) [A-Z]{1,3}\b.*?\b((?:19|20)\d{2})(?=;)")
UP_TO_A_BREAK = re.compile(r" [A-Z]{1,2}\.|[(:;,]|\.(?!\d)")


class MinuteKind(StrEnum):
    """Kinds of planned clock minutes of a module."""

    THEORY_ONLINE = "theory_online"
    THEORY_IN_PERSON = "theory_in_person"
    LAB = "lab"
    FINAL_PRACTICAL = "final_practical"


class SpanishStatus(StrEnum):
    PENDING_REVIEW = "pending_review"
    REVIEWED = "reviewed"


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
    minutes: Mapping[str, int]  # reading, figures, checks, cases, practice
    objectives: tuple[str, ...]
    safety: bool
    steps: tuple[Step, ...]

    @property
    def total_minutes(self) -> int:
        return sum(self.minutes.values())

    def step(self, step_id: str) -> Step:
        return find(self.steps, step_id)


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

    @property
    def played(self) -> tuple[Item, ...]:
        """The items that a quiz can ask."""
        return tuple(item for item in self.items if item.played)

    def objective(self, objective_id: str) -> Objective:
        return find(self.objectives, objective_id)

    def lesson(self, lesson_id: str) -> Lesson:
        return find(self.lessons, lesson_id)

    def session(self, session_id: str) -> Session:
        return find(self.sessions, session_id)

    def item(self, item_id: str) -> Item:
        return find(self.items, item_id)


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
        return find(self.steps, step_id)

    def chip(self, chip_id: str) -> Chip:
        return find(self.chips, chip_id)


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

    @property
    def short(self) -> str:
        """First author and year, as “Davis 2020”; what has no such form, up to its first bracket, colon or stop."""
        cited = AUTHOR_AND_YEAR.match(self.text)
        return f"{cited[1]} {cited[2]}" if cited else UP_TO_A_BREAK.split(self.text, maxsplit=1)[0].strip()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement the school must make, dated and with its source."""

    id: str
    as_of: date
    source: str
    text: Text
    short: Text


@dataclass(frozen=True, slots=True)
class Claim:
    """A popular saying about massage and what the evidence says of it."""

    id: str
    saying: Text
    status: str  # established, contested or unsupported
    teach: Text
    references: tuple[str, ...]
    module_id: str  # module_id, lesson_id and step_id name where it is taught
    lesson_id: str
    step_id: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What an aide may be taught (first) and what is never an aide's (second), row by row."""

    as_of: date
    source: Text
    rows: tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, slots=True)
class FinalExam:
    """The blueprint of the final theory exam; `items` by module."""

    items: Mapping[str, int]
    pass_percent: int
    attempts: int
    wait_minutes: int

    @property
    def total(self) -> int:
        return sum(self.items.values())


@dataclass(frozen=True, slots=True)
class Station:
    """One station of the final practical; one of its skills is drawn."""

    id: str
    title: Text
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FinalPractical:
    minutes: int  # clock minutes of the whole
    time_limit_minutes: int  # of one student's circuit
    retake_minutes: int
    instructions: Text
    passing: Text
    stations: tuple[Station, ...]


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
    claims: tuple[Claim, ...] = ()
    scope: Scope | None = None
    final_exam: FinalExam | None = None
    final_practical: FinalPractical | None = None
    maps: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    # maps: the figures that questions point at, inlined, by address: "M10/calm-room", or "body-back" of the course

    @property
    def minutes_by_kind(self) -> dict[str, int]:
        planned = {kind.value: sum(module.minutes.get(kind.value, 0) for module in self.modules) for kind in MinuteKind}
        planned[MinuteKind.FINAL_PRACTICAL.value] += self.final_practical.minutes if self.final_practical else 0
        return planned

    @property
    def items(self) -> Iterator[Item]:
        return (item for module in self.modules for item in module.items)

    def module(self, module_id: str) -> Module:
        return find(self.modules, module_id)

    def skill(self, skill_id: str) -> Skill:
        return find(self.skills, skill_id)

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
        return find(self.statements, statement_id)
