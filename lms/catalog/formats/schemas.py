"""The shape of every YAML file of a course; unknown keys are refused."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, StringConstraints

from lms.catalog.types import Bloom, MinuteKind, SpanishStatus, Text

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Folder = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", max_length=60)]
StepLink = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+#[a-z0-9-]+$")]
ModuleStepLink = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+/[a-z0-9-]+#[a-z0-9-]+$")]
Percent = Annotated[int, Field(ge=1, le=100)]
Minutes = Annotated[int, Field(ge=0, le=6000)]
BloomWord = Annotated[Bloom, BeforeValidator(lambda word: "analyse" if word == "analyze" else word)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pair(Shape):
    en: Words
    es: Words

    def text(self) -> Text:
        return Text(self.en, self.es)


class EditionShape(Shape):
    id: Slug
    part: bool
    title: Pair


class CourseQuizShape(Shape):
    pass_percent: Percent = 80
    attempts: Annotated[int, Field(ge=1, le=20)] = 3
    wait_minutes: Annotated[int, Field(ge=0, le=10080)] = 30


class StatementShape(Shape):
    id: Slug
    as_of: date
    source: Words
    text: Pair
    short: Pair


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
    statements: Annotated[list[StatementShape], Field(min_length=1)]


class ModuleQuizShape(Shape):
    draw: Annotated[int, Field(ge=1, le=100)]
    pass_percent: Percent | None = None
    attempts: Annotated[int, Field(ge=1, le=20)] | None = None
    wait_minutes: Annotated[int, Field(ge=0, le=10080)] | None = None


class ModuleMinutes(Shape):
    theory_online: Minutes
    theory_in_person: Minutes = 0
    lab: Minutes = 0


class ObjectiveShape(Shape):
    id: Id
    bloom: BloomWord
    safety: bool
    text: Pair


class SessionShape(Shape):
    id: Id
    kind: Literal[MinuteKind.THEORY_IN_PERSON, MinuteKind.LAB]
    minutes: Annotated[int, Field(ge=1, le=600)]
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
    reading: Minutes
    figures: Minutes = 0
    cases: Minutes = 0
    practice: Minutes = 0


class EnglishFront(Shape):
    title: Words
    minutes: LessonMinutes
    objectives: Annotated[list[Id], Field(min_length=1)]
    safety: bool


class SpanishFront(Shape):
    """What a translation repeats must equal the English; only title and source_hash are its own."""

    title: Words
    source_hash: str = ""
    minutes: LessonMinutes | None = None
    objectives: list[Id] | None = None
    safety: bool | None = None


class OptionShape(Shape):
    id: Slug
    correct: bool
    text: Pair
    why: Pair


class ItemShape(Shape):
    id: Id
    objective: Id
    bloom: BloomWord
    difficulty: Annotated[int, Field(ge=1, le=3)]
    safety: bool
    lesson: StepLink
    stem: Pair


class SingleItem(ItemShape):
    type: Literal["single"]
    options: Annotated[list[OptionShape], Field(min_length=2)]


class MultipleItem(ItemShape):
    type: Literal["multiple"]
    options: Annotated[list[OptionShape], Field(min_length=2)]


class TrueFalseItem(ItemShape):
    type: Literal["true_false"]
    answer: bool
    why_true: Pair
    why_false: Pair


class NumericAnswer(Shape):
    value: Annotated[float, Field(allow_inf_nan=False)]
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    unit: Pair


class NumericItem(ItemShape):
    type: Literal["numeric"]
    answer: NumericAnswer
    why: Pair


AnyItem = Annotated[SingleItem | MultipleItem | TrueFalseItem | NumericItem, Field(discriminator="type")]


class QuizFile(Shape):
    items: Annotated[list[AnyItem], Field(min_length=1)]


class SkillPrerequisites(Shape):
    modules: list[Id]
    skills: list[Id]


class PassShape(Shape):
    percent: Percent
    min_rating: Annotated[int, Field(ge=1, le=5)]


class ChecklistStepShape(Shape):
    id: Id
    points: Annotated[int, Field(ge=1, le=10)]
    critical: bool
    order: bool
    na_allowed: bool
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
    time_limit_minutes: Annotated[int, Field(ge=1, le=240)]
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


class GlossaryFile(RootModel[dict[Slug, TermShape]]):
    pass


class ReferencesFile(RootModel[dict[Id, ReferenceShape]]):
    pass


class LabelsFile(RootModel[dict[Id, Pair]]):
    pass
