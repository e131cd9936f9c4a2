"""What exists in a source course, for the checks of links. Unknown where the file that says so is broken."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lms.catalog.formats.problems import Problem
from lms.catalog.formats.source import SourceCourse, SourceFile


@dataclass(frozen=True, slots=True)
class Index:
    modules: tuple[str, ...] | None  # ids in teaching order
    skills: tuple[str, ...] | None
    read: frozenset[str]  # ids of the modules whose module.yaml holds
    banks: frozenset[str]  # of those, the ones whose quiz.yaml holds too
    steps: frozenset[tuple[str, str, str]]  # module, lesson, step
    unread: frozenset[tuple[str, str]]  # module and lesson whose English page is missing: its steps are unknown
    broken: frozenset[str]  # ids that the broken module.yaml files give; "" for one that gives none
    terms: frozenset[str] | None
    sources: frozenset[str] | None

    def has_step(self, module: str, lesson: str, step: str) -> bool:
        """True also where it cannot be known."""
        if self.is_broken(module) or (module, lesson) in self.unread:
            return True
        return (module, lesson, step) in self.steps

    def is_broken(self, module: str) -> bool:
        """Whether the module may be there and its module.yaml cannot tell: nothing follows from what it lacks."""
        return module not in self.read and (module in self.broken or "" in self.broken)

    def knows_items(self, module: str) -> bool:
        """Whether every item of the module was read: only then does one that is not found not exist."""
        return module in self.banks or not (module in self.read or self.is_broken(module))


def index(source: SourceCourse) -> Index:
    readable = [module for module in source.modules if module.file.value]
    listed = bool(source.course.value)
    return Index(
        modules=_all(module.file.id for module in source.modules) if listed else None,
        skills=_all(file.id for file in source.skills) if listed else None,
        read=frozenset(module.file.id for module in readable),
        banks=frozenset(module.file.id for module in readable if module.quiz.value),
        steps=frozenset(
            (module.file.id, lesson.name, step.id)
            for module in readable
            for lesson in module.lessons
            for step in (lesson.en.steps if lesson.en else ())
        ),
        unread=frozenset(
            (module.file.id, lesson.name) for module in readable for lesson in module.lessons if not lesson.en
        ),
        broken=frozenset(module.file.id for module in source.modules if not module.file.value),
        terms=source.glossary.names,
        sources=source.references.names,
    )


def _all(ids: Iterable[str]) -> tuple[str, ...] | None:
    """The ids in their order; None where a file does not give its own."""
    found = tuple(ids)
    return found if all(found) else None


Place = tuple[str, SourceFile, tuple[str | int, ...]]  # an id, its file, its path in the file


def repeated(places: Iterable[Place], noun: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for id_, file, at in places:
        if id_ in first:
            mend = f"Give it an id of its own; the other is at {first[id_]}."
            yield file.wrong(at, f"The {noun} {id_} is here twice.", mend)
        else:
            first[id_] = f"{file.path}:{file.line(*at)}"
