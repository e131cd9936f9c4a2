"""A course's folder as read: each file's values with their lines, and each lesson cut into steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from lms.catalog.formats.item_shapes import QuizFile
from lms.catalog.formats.marked_yaml import Marked
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import (
    CourseFile,
    EnglishFront,
    EvidenceFile,
    GlossaryFile,
    LabelsFile,
    ModuleFile,
    ReferencesFile,
    ScopeFile,
    SkillFile,
    SpanishFront,
)

Shaped = TypeVar("Shaped", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SourceFile(Generic[Shaped]):
    """One YAML file; `value` is None where it is missing or broken, which was already reported."""

    path: str
    value: Shaped | None
    marks: Marked
    part: "SourceFile[Shaped] | None" = None  # of a broken file: the same without its broken entries

    @property
    def sound(self) -> "SourceFile[Shaped]":
        """What can be checked of the file: all of it, else its sound entries."""
        return self.part or self

    @property
    def names(self) -> frozenset[str] | None:
        """The keys of the file, those of broken entries too; None where it could not be read."""
        return frozenset(map(str, self.marks.data)) if isinstance(self.marks.data, dict) else None

    @property
    def id(self) -> str:
        """The id that the file gives, even where the rest of it is broken; empty where it gives none."""
        found = self.marks.data.get("id") if isinstance(self.marks.data, dict) else None
        return found if isinstance(found, str) else ""

    def line(self, *at: str | int) -> int:
        return self.marks.line(*at)

    def wrong(self, at: tuple[str | int, ...], what: str, mend: str, *, warning: bool = False) -> Problem:
        return Problem(self.path, self.line(*at), what, mend, warning)


@dataclass(frozen=True, slots=True)
class SourceStep:
    id: str
    title: str
    markdown: str
    line: int  # of the heading

    @property
    def first_line(self) -> int:
        """The line of the file where `markdown` begins."""
        return self.line + 1


@dataclass(frozen=True, slots=True)
class SourcePage(Generic[Shaped]):
    """One lesson in one language."""

    path: str
    front: SourceFile[Shaped]
    body: str
    steps: tuple[SourceStep, ...]

    def step(self, step_id: str) -> SourceStep:
        return next(step for step in self.steps if step.id == step_id)


@dataclass(frozen=True, slots=True)
class SourceLesson:
    name: str
    en: SourcePage[EnglishFront] | None
    es: SourcePage[SpanishFront] | None


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """A folder of figures with their labels."""

    path: str
    labels: SourceFile[LabelsFile]
    svgs: Mapping[str, str]  # name -> SVG text


@dataclass(frozen=True, slots=True)
class SourceModule:
    folder: str  # as in 01-your-role
    file: SourceFile[ModuleFile]
    quiz: SourceFile[QuizFile]
    lessons: tuple[SourceLesson, ...]
    figures: SourceFigures
    unlisted: tuple[str, ...]  # lesson files that module.yaml does not name

    @property
    def path(self) -> str:
        return f"modules/{self.folder}"

    def lesson(self, name: str) -> SourceLesson | None:
        return next((lesson for lesson in self.lessons if lesson.name == name), None)


@dataclass(frozen=True, slots=True)
class SourceCourse:
    course: SourceFile[CourseFile]
    glossary: SourceFile[GlossaryFile]
    references: SourceFile[ReferencesFile]
    evidence: SourceFile[EvidenceFile] | None
    scope: SourceFile[ScopeFile] | None
    figures: SourceFigures  # those that every module may show
    modules: tuple[SourceModule, ...]
    skills: tuple[SourceFile[SkillFile], ...]
    problems: tuple[Problem, ...]  # found while reading
    unlisted: tuple[tuple[str, str], ...] = ()  # "modules" or "skills", and what of them course.yaml does not name

    def figures_for(self, module: SourceModule, name: str) -> SourceFigures | None:
        """The folder that has the figure: the module's own, else the course's."""
        return next((folder for folder in (module.figures, self.figures) if name in folder.svgs), None)
