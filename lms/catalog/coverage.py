"""What an edition teaches where, and what tests it: the coverage matrix. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lms.catalog.items import Item
from lms.catalog.text import Text
from lms.catalog.types import Edition, Module, Skill


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to be learned, the lessons or lesson steps that teach it, and the items that test it.

    `tested` are items that quizzes ask, `waiting` those of the bank that they do not ask yet.
    """

    id: str
    text: Text
    taught: tuple[str, ...]
    tested: tuple[str, ...]
    waiting: tuple[str, ...]

    @property
    def hole(self) -> bool:
        return not self.taught or not (self.tested or self.waiting)


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


def _asked(edition: Edition) -> dict[tuple[str, str, str], list[Item]]:
    """The items by the lesson step that teaches them; a question of a case counts as its case."""
    found: dict[tuple[str, str, str], list[Item]] = defaultdict(list)
    for module in edition.modules:
        for item in module.items:
            for place in {(one.lesson_id, one.step_id) for one in (item, *item.parts)}:
                found[module.id, *place].append(item)
    return found


def _row(id_: str, text: Text, taught: tuple[str, ...], items: list[Item]) -> Row:
    tested = tuple(item.id for item in items if item.played)
    return Row(id_, text, taught, tested, tuple(item.id for item in items if not item.played))


def _objectives(module: Module) -> Part:
    rows = (
        _row(
            objective.id,
            objective.text,
            tuple(lesson.id for lesson in module.lessons if objective.id in lesson.objectives),
            [item for item in module.items if objective.id in {one.objective for one in (item, *item.parts)}],
        )
        for objective in module.objectives
    )
    return Part(module.id, module.title, tuple(rows))


def _steps(skill: Skill, asked: dict[tuple[str, str, str], list[Item]]) -> Part:
    rows = (
        _row(
            step.id,
            step.text,
            (f"{step.module_id}/{step.lesson_id}#{step.step_id}",),
            asked[step.module_id, step.lesson_id, step.step_id],
        )
        for step in skill.steps
    )
    return Part(skill.id, skill.title, tuple(rows))


def as_text(parts: tuple[Part, ...], lang: str = "en") -> str:
    """The matrix for a terminal, holes marked."""
    lines = []
    for part in parts:
        lines.append(f"{part.id} {part.title.get(lang)}")
        for row in part.rows:
            mark = "HOLE" if row.hole else "    "
            tested = ", ".join((*row.tested, *(f"{item}*" for item in row.waiting))) or "-"
            lines.append(f"  {mark} {row.id}  taught: {', '.join(row.taught) or '-'}  tested: {tested}")
    return "\n".join((*lines, "* waits until quizzes ask items of its type"))
