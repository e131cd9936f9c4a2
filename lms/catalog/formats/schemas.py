"""The shape of every YAML file of a course but quiz.yaml (see item_shapes)."""

from typing import Annotated, Literal

from pydantic import Field, RootModel, StringConstraints

from lms.catalog.formats.item_shapes import BloomWord
from lms.catalog.formats.shape import Day, Id, Minutes, Pair, Percent, Shape, Slug, Whole, Words, YesNo
from lms.catalog.types import MinuteKind, SpanishStatus

Folder = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", max_length=60)]
ModuleStepLink = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+/[a-z0-9-]+#[a-z0-9-]+$")]
Status = Literal["established", "contested", "unsupported"]


class EditionShape(Shape):
    id: Slug
    part: YesNo
    title: Pair


class CourseQuizShape(Shape):
    pass_percent: Percent = 80
    attempts: Annotated[Whole, Field(ge=1, le=20)] = 3
    wait_minutes: Annotated[Whole, Field(ge=0, le=10080)] = 30


class StatementShape(Shape):
    id: Slug
    as_of: Day
    source: Words
    text: Pair
    short: Pair


class FinalExamShape(Shape):
    """How the final theory exam is made up: percent of its items by module."""

    items: Annotated[Whole, Field(ge=1, le=300)]
    pass_percent: Percent
    attempts: Annotated[Whole, Field(ge=1, le=20)]
    wait_minutes: Annotated[Whole, Field(ge=0, le=100800)]
    weights: Annotated[dict[Id, Percent], Field(min_length=1)]


class StationShape(Shape):
    id: Slug
    title: Pair
    skills: Annotated[list[Id], Field(min_length=1)]  # one of them is drawn


class FinalPracticalShape(Shape):
    """A circuit of stations at the end of the course. `minutes` are the clock minutes of the whole evening."""

    minutes: Annotated[Whole, Field(ge=1, le=6000)]
    time_limit_minutes: Annotated[Whole, Field(ge=1, le=600)]
    retake_minutes: Annotated[Whole, Field(ge=0, le=100800)]
    instructions: Pair
    passing: Pair = Field(alias="pass")
    stations: Annotated[list[StationShape], Field(min_length=1)]


class CourseFile(Shape):
    id: Slug
    title: Pair
    edition: EditionShape
    serial_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,6}$")]
    languages: list[Literal["en", "es"]]
    spanish: SpanishStatus
    quiz: CourseQuizShape = CourseQuizShape()
    modules: Annotated[list[Folder], Field(min_length=1)]
    skills: list[Folder]
    final_exam: FinalExamShape | None = None
    final_practical: FinalPracticalShape | None = None
    statements: Annotated[list[StatementShape], Field(min_length=1)]


class ModuleQuizShape(Shape):
    draw: Annotated[Whole, Field(ge=1, le=100)]
    pass_percent: Percent | None = None
    attempts: Annotated[Whole, Field(ge=1, le=20)] | None = None
    wait_minutes: Annotated[Whole, Field(ge=0, le=10080)] | None = None


class ModuleMinutes(Shape):
    theory_online: Minutes
    theory_in_person: Minutes = 0
    lab: Minutes = 0


class ObjectiveShape(Shape):
    id: Id
    bloom: BloomWord
    safety: YesNo
    text: Pair


class SessionShape(Shape):
    id: Id
    kind: Literal[MinuteKind.THEORY_IN_PERSON, MinuteKind.LAB]
    minutes: Annotated[Whole, Field(ge=1, le=600)]
    title: Pair
    objectives: list[Id]
    materials: Pair
    plan: Pair


class ModuleFile(Shape):
    id: Id
    title: Pair
    summary: Pair
    prerequisites: list[Id]
    minutes: ModuleMinutes
    quiz: ModuleQuizShape
    objectives: Annotated[list[ObjectiveShape], Field(min_length=1)]
    lessons: Annotated[list[Slug], Field(min_length=1)]
    sessions: list[SessionShape] = []


class LessonMinutes(Shape):
    """Planned minutes. Reading, figures and checks are counted again; cases and practice are the author's word."""

    reading: Minutes
    figures: Minutes = 0
    checks: Minutes = 0
    cases: Minutes = 0
    practice: Minutes = 0


class EnglishFront(Shape):
    title: Words
    minutes: LessonMinutes
    objectives: Annotated[list[Id], Field(min_length=1)]
    safety: YesNo


class SpanishFront(Shape):
    """What a translation repeats must equal the English; only title and source_hash are its own."""

    title: Words
    source_hash: str = ""
    minutes: LessonMinutes | None = None
    objectives: list[Id] | None = None
    safety: YesNo | None = None


class SkillPrerequisites(Shape):
    modules: list[Id]
    skills: list[Id]


class PassShape(Shape):
    percent: Percent
    min_rating: Annotated[Whole, Field(ge=1, le=5)]


class ChecklistStepShape(Shape):
    id: Id
    points: Annotated[Whole, Field(ge=1, le=10)]
    critical: YesNo
    order: YesNo
    na_allowed: YesNo
    lesson: ModuleStepLink
    text: Pair
    looks_like: Pair


class ChipShape(Shape):
    id: Slug
    text: Pair


class SkillFile(Shape):
    id: Id
    module: Id
    title: Pair
    purpose: Pair
    setting: Pair
    equipment: list[Pair]
    time_limit_minutes: Annotated[Whole, Field(ge=1, le=240)]
    prerequisites: SkillPrerequisites
    signers: Annotated[list[Literal["CMT", "PT", "PTA", "RN", "BLS"]], Field(min_length=1)]
    passing: PassShape = Field(alias="pass")
    steps: Annotated[list[ChecklistStepShape], Field(min_length=1)]
    common_errors: list[Pair]
    chips: Annotated[list[ChipShape], Field(min_length=1)]
    prompts: list[Pair]


class TermShape(Shape):
    term: Pair
    text: Pair


class ReferenceShape(Shape):
    text: Words
    seen: Literal["full", "partly", "known"]
    note: str = ""


class ClaimShape(Shape):
    """A popular saying about massage, what the evidence says of it, and where the course teaches that."""

    id: Slug
    saying: Pair
    status: Status
    teach: Pair
    references: Annotated[list[Id], Field(min_length=1)]
    lesson: ModuleStepLink


class ScopeRow(Shape):
    may: Pair
    never: Pair


class ScopeFile(Shape):
    """What an aide may be taught and what is never an aide's, side by side, dated and with its source."""

    as_of: Day
    source: Pair
    rows: Annotated[list[ScopeRow], Field(min_length=1)]


class EvidenceFile(Shape):
    claims: Annotated[list[ClaimShape], Field(min_length=1)]


class GlossaryFile(RootModel[dict[Slug, TermShape]]):
    pass


class ReferencesFile(RootModel[dict[Id, ReferenceShape]]):
    pass


class LabelsFile(RootModel[dict[Id, Pair]]):
    pass
