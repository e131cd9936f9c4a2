"""Checks of checklists: ids, links, critical steps, prerequisites inside the edition."""

from collections.abc import Iterator

from lms.catalog.checks.index import Index, Place, repeated
from lms.catalog.checks.texts import check_texts
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import ChecklistStepShape, SkillFile
from lms.catalog.formats.source import SourceCourse, SourceFile

CRITICAL_POINTS = 2


def check_skills(source: SourceCourse, found: Index) -> Iterator[Problem]:
    skills = [(file, file.value) for file in (one.sound for one in source.skills) if file.value]
    yield from repeated(((value.id, file, ("id",)) for file, value in skills), "skill")
    yield from repeated(_steps(skills), "checklist step")
    for file, value in skills:
        yield from _skill(file, value, found)
        yield from check_texts(file, skip=("common_errors",))


def _steps(skills: list[tuple[SourceFile[SkillFile], SkillFile]]) -> Iterator[Place]:
    for file, value in skills:
        for at, step in enumerate(value.steps):
            yield step.id, file, ("steps", at)


def _skill(file: SourceFile[SkillFile], value: SkillFile, found: Index) -> Iterator[Problem]:
    yield from repeated(((chip.id, file, ("chips", at)) for at, chip in enumerate(value.chips)), "chip")
    yield from repeated(((one, file, ("signers", at)) for at, one in enumerate(value.signers)), "signer")
    for at, step in enumerate(value.steps):
        yield from _step(file, at, step, found)
    if found.modules is not None and value.module not in found.modules:
        what = f"The module {value.module} is not in this edition."
        yield file.wrong(("module",), what, "Name the module that teaches it.")
    yield from _closed(file, "modules", value.prerequisites.modules, found.modules)
    earlier = found.skills and found.skills[: found.skills.index(value.id)]
    yield from _closed(file, "skills", value.prerequisites.skills, earlier)


def _closed(
    file: SourceFile[SkillFile], key: str, wanted: list[str], there: tuple[str, ...] | None
) -> Iterator[Problem]:
    for at, one in enumerate(wanted):
        if there is not None and one not in there:
            noun = key.removesuffix("s")
            what = f"The {noun} {one} is not in this edition, or comes later."
            yield file.wrong(("prerequisites", key, at), what, "Drop it or list it before in course.yaml.")


def _step(file: SourceFile[SkillFile], at: int, step: ChecklistStepShape, found: Index) -> Iterator[Problem]:
    module, _, link = step.lesson.partition("/")
    lesson, _, part = link.partition("#")
    if not found.has_step(module, lesson, part):
        what = f"The lesson step {step.lesson} does not exist."
        yield file.wrong(("steps", at, "lesson"), what, "Name the module, lesson and step that teach it.")
    if step.critical and step.na_allowed:
        what = f"The critical step {step.id} may be left out."
        yield file.wrong(("steps", at, "na_allowed"), what, "Write na_allowed: false.")
    if step.critical and step.points != CRITICAL_POINTS:
        what = f"The critical step {step.id} counts {step.points}."
        yield file.wrong(("steps", at, "points"), what, f"Critical steps count {CRITICAL_POINTS}.")
