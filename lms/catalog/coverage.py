"""What an edition teaches where, and what tests it: the coverage matrix. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lms.catalog.items import Item
from lms.catalog.text import Text
from lms.catalog.types import Edition, Module, Skill


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to be learned, the lessons or lesson steps that teach it, and the items that test it."""

    id: str
    text: Text
    taught: tuple[str, ...]
    tested: tuple[str, ...]

    @property
    def hole(self) -> bool:
        return not self.taught or not self.tested


@dataclass(frozen=True, slots=True)
class Part:
    """The objectives of a module, or the steps of a skill."""

    id: str
    title: Text
    rows: tuple[Row, ...]

    @property
    def holes(self) -> int:
        return sum(row.hole for row in self.rows)


def matrix(edition: Edition) -> tuple[Part, ...]:
    """A part for each module, then one for each skill."""
    asked = _asked(edition)
    return (*(_objectives(module) for module in edition.modules), *(_steps(skill, asked) for skill in edition.skills))


def all_items(module: Module) -> Iterator[Item]:
    """The items of a module, the questions of cases too."""
    for item in module.items:
        yield item
        yield from item.parts


def _asked(edition: Edition) -> dict[tuple[str, str, str], list[str]]:
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for module in edition.modules:
        for item in all_items(module):
            found[module.id, item.lesson_id, item.step_id].append(item.id)
    return found


def _objectives(module: Module) -> Part:
    return Part(
        module.id,
        module.title,
        tuple(
            Row(
                objective.id,
                objective.text,
                tuple(lesson.id for lesson in module.lessons if objective.id in lesson.objectives),
                tuple(item.id for item in all_items(module) if item.objective == objective.id),
            )
            for objective in module.objectives
        ),
    )


def _steps(skill: Skill, asked: dict[tuple[str, str, str], list[str]]) -> Part:
    return Part(
        skill.id,
        skill.title,
        tuple(
            Row(
                step.id,
                step.text,
                (f"{step.module_id}/{step.lesson_id}#{step.step_id}",),
                tuple(asked[step.module_id, step.lesson_id, step.step_id]),
            )
            for step in skill.steps
        ),
    )


def as_text(parts: tuple[Part, ...], lang: str = "en") -> str:
    """The matrix for a terminal, holes marked."""
    lines = []
    for part in parts:
        lines.append(f"{part.id} {part.title.get(lang)}")
        for row in part.rows:
            mark = "HOLE" if row.hole else "    "
            lines.append(f"  {mark} {row.id}  taught: {', '.join(row.taught) or '-'}  tested: {_few(row.tested)}")
    return "\n".join(lines)


def _few(ids: tuple[str, ...]) -> str:
    return ", ".join(ids) or "-"
