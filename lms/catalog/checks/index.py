"""What exists in a source course, for the checks of links. Unknown where the file that says so is broken."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lms.catalog.formats.problems import Problem
from lms.catalog.formats.source import SourceCourse, SourceFile, SourceModule


@dataclass(frozen=True, slots=True)
class Index:
    modules: tuple[str, ...] | None  # ids in teaching order
    skills: tuple[str, ...] | None
    steps: frozenset[tuple[str, str, str]]  # module, lesson, step
    unread: frozenset[tuple[str, str]]  # module and lesson whose English page is missing: its steps are unknown
    terms: frozenset[str] | None
    sources: frozenset[str] | None

    def has_step(self, module: str, lesson: str, step: str) -> bool:
        """True also where it cannot be known."""
        if self.modules is None or (module, lesson) in self.unread:
            return True
        return (module, lesson, step) in self.steps


def index(source: SourceCourse) -> Index:
    readable = [module for module in source.modules if module.file.value]
    whole = bool(source.course.value) and len(readable) == len(source.modules)
    skills = [file.value.id for file in source.skills if file.value]
    glossary, references = source.glossary.value, source.references.value
    return Index(
        modules=tuple(_id(module) for module in readable) if whole else None,
        skills=tuple(skills) if source.course.value and len(skills) == len(source.skills) else None,
        steps=frozenset(
            (_id(module), lesson.name, step.id)
            for module in readable
            for lesson in module.lessons
            for step in (lesson.en.steps if lesson.en else ())
        ),
        unread=frozenset(
            (_id(module), lesson.name) for module in readable for lesson in module.lessons if not lesson.en
        ),
        terms=frozenset(glossary.root) if glossary else None,
        sources=frozenset(references.root) if references else None,
    )


def _id(module: SourceModule) -> str:
    return module.file.value.id if module.file.value else ""


Place = tuple[str, SourceFile, tuple[str | int, ...]]  # an id, its file, its path in the file


def repeated(places: Iterable[Place], noun: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for id_, file, at in places:
        if id_ in first:
            mend = f"Give it an id of its own; the other is at {first[id_]}."
            yield file.wrong(at, f"The {noun} {id_} is here twice.", mend)
        else:
            first[id_] = f"{file.path}:{file.line(*at)}"
