"""Checks of course.yaml, module.yaml and the glossary: ids, order, dates, minutes, closed editions."""

import re
from collections.abc import Iterator
from datetime import date

from lms.catalog.checks.index import Index, repeated
from lms.catalog.checks.texts import check_texts, raw_mark
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import CourseFile, FinalExamShape, FinalPracticalShape, ModuleFile
from lms.catalog.formats.source import SourceCourse, SourceFile, SourceModule

QUIZ_MINUTES_AN_ITEM = 1.5
NEAR = (0.8, 1.25)
EXACT = (1, 1)  # a class is as long as it is
PLAN_MINUTES = re.compile(r"^\d+\.\s+\(?(\d+)\s+min\b", re.MULTILINE)


def check_course(source: SourceCourse, found: Index, today: date | None) -> Iterator[Problem]:
    if source.course.value:
        yield from _course(source.course, source.course.value, found)
        for key, name in source.unlisted:
            what = f"{key}/{name} is there and not listed."
            yield source.course.wrong((key,), what, f"Add it to {key}, or remove it.", warning=True)
    modules = [(one, one.file.value) for one in source.modules if one.file.value]
    yield from repeated(((value.id, one.file, ("id",)) for one, value in modules), "module")
    objectives = (
        (objective.id, one.file, ("objectives", at))
        for one, value in modules
        for at, objective in enumerate(value.objectives)
    )
    yield from repeated(objectives, "objective")
    sessions = (
        (session.id, one.file, ("sessions", at)) for one, value in modules for at, session in enumerate(value.sessions)
    )
    yield from repeated(sessions, "session")
    for one, value in modules:
        yield from _module(one, value, found)
    yield from _evidence(source, found)
    for file in (source.course, source.glossary, source.scope):
        if file:
            yield from check_texts(file)
    references = source.references.sound.value
    for id_, one in references.root.items() if references else ():
        for key, text in (("text", one.text), ("note", one.note)):
            yield from raw_mark(source.references.sound, (id_, key), text)
    yield from _dates(source, today)


def _course(file: SourceFile[CourseFile], value: CourseFile, found: Index) -> Iterator[Problem]:
    for key, listed in (("modules", value.modules), ("skills", value.skills)):
        yield from repeated(((name, file, (key, at)) for at, name in enumerate(listed)), "folder")
    statements = enumerate(value.statements)
    yield from repeated(((one.id, file, ("statements", at)) for at, one in statements), "statement")
    for at, one in enumerate(value.statements):
        yield from raw_mark(file, ("statements", at, "source"), one.source)
    if value.final_exam:
        yield from _weights(file, value.final_exam, found)
    if value.final_practical:
        yield from _stations(file, value.final_practical)


def _weights(file: SourceFile[CourseFile], exam: FinalExamShape, found: Index) -> Iterator[Problem]:
    if found.modules is None:
        return
    for module in exam.weights:
        if module not in found.modules:
            what = f"The module {module} is not in this edition."
            yield file.wrong(("final_exam", "weights", module), what, "Remove it or correct the id.")
    for module in found.modules:
        if module not in exam.weights:
            what = f"The module {module} has no weight in the final exam."
            yield file.wrong(("final_exam", "weights"), what, "Give it its percent of the items.")


def _stations(file: SourceFile[CourseFile], practical: FinalPracticalShape) -> Iterator[Problem]:
    at = ("final_practical", "stations")
    stations = list(enumerate(practical.stations))
    yield from repeated(((station.id, file, (*at, number)) for number, station in stations), "station")
    for number, station in stations:
        skills = enumerate(station.skills)
        yield from repeated(((skill, file, (*at, number, "skills", place)) for place, skill in skills), "skill")


def _dates(source: SourceCourse, today: date | None) -> Iterator[Problem]:
    """Nobody can have read a source on a day that is still to come."""
    course, scope = source.course.value, source.scope
    dated: list[tuple[SourceFile, tuple[str | int, ...], date]] = [
        (source.course, ("statements", at), one.as_of) for at, one in enumerate(course.statements if course else ())
    ]
    if scope and scope.value:
        dated.append((scope, (), scope.value.as_of))
    for file, at, day in dated:
        if today and day > today:
            what = f"as_of is in the future: {day.isoformat()}."
            yield file.wrong((*at, "as_of"), what, "Write the day on which the source was read.", warning=True)


def _evidence(source: SourceCourse, found: Index) -> Iterator[Problem]:
    """Links and sources of the claims; a saying may say anything, what is taught may not."""
    file = source.evidence
    if file is None or file.value is None:
        return
    yield from repeated(((one.id, file, ("claims", at)) for at, one in enumerate(file.value.claims)), "claim")
    for at, claim in enumerate(file.value.claims):
        module, _, link = claim.lesson.partition("/")
        lesson, _, step = link.partition("#")
        if not found.has_step(module, lesson, step):
            what = f"The lesson step {claim.lesson} does not exist."
            yield file.wrong(("claims", at, "lesson"), what, "Name the module, lesson and step that teach it.")
        for number, reference in enumerate(claim.references):
            if found.sources is not None and reference not in found.sources:
                what = f"The reference {reference} is not in references.yaml."
                yield file.wrong(("claims", at, "references", number), what, "Add it or correct the id.")
    yield from check_texts(file, skip=("saying",))


def _module(source: SourceModule, value: ModuleFile, found: Index) -> Iterator[Problem]:
    file = source.file
    yield from repeated(((name, file, ("lessons", at)) for at, name in enumerate(value.lessons)), "lesson")
    own = {objective.id for objective in value.objectives}
    for at, session in enumerate(value.sessions):
        for number, objective in enumerate(session.objectives):
            if objective not in own:
                what = f"The objective {objective} does not exist in this module."
                yield file.wrong(("sessions", at, "objectives", number), what, "Correct or remove it.")
    yield from _prerequisites(file, value, found)
    for name in source.unlisted:
        mend = f"Add {name} to lessons, or remove its file."
        yield file.wrong(("lessons",), f"The lesson {name} is not listed.", mend, warning=True)
    yield from _minutes(source, value)
    yield from check_texts(file)


def _prerequisites(file: SourceFile[ModuleFile], value: ModuleFile, found: Index) -> Iterator[Problem]:
    for at, wanted in enumerate(value.prerequisites):
        if found.modules is None:
            return
        if wanted not in found.modules:
            what, mend = (
                f"The module {wanted} is not in this edition.",
                "Add it to course.yaml or drop it here.",
            )
            yield file.wrong(("prerequisites", at), what, mend)
        elif found.modules.index(wanted) >= found.modules.index(value.id):
            what, mend = (
                f"The module {wanted} comes later than this one.",
                "Name only modules that come before.",
            )
            yield file.wrong(("prerequisites", at), what, mend)


def _minutes(source: SourceModule, value: ModuleFile) -> Iterator[Problem]:
    fronts = [lesson.en.front.value if lesson.en else None for lesson in source.lessons]
    lessons = [sum(front.minutes.model_dump().values()) for front in fronts if front]
    if len(lessons) < len(fronts):
        return
    planned = value.minutes.model_dump()
    counted = {"theory_online": sum(lessons) + QUIZ_MINUTES_AN_ITEM * value.quiz.draw}
    for kind in ("theory_in_person", "lab"):
        counted[kind] = sum(session.minutes for session in value.sessions if session.kind == kind)
    for kind, minutes in planned.items():
        near = NEAR if kind == "theory_online" else EXACT
        if not minutes * near[0] <= counted[kind] <= minutes * near[1]:
            what = f"{minutes} minutes of {kind} are planned, the parts add up to {counted[kind]:g}."
            yield source.file.wrong(("minutes", kind), what, "Plan what the parts take.")
    for at, session in enumerate(value.sessions):
        for lang, plan in (("en", session.plan.en), ("es", session.plan.es)):
            told = sum(int(minutes) for minutes in PLAN_MINUTES.findall(plan))
            if told != session.minutes:
                what = f"The lines of the plan add up to {told} minutes, the class has {session.minutes}."
                yield source.file.wrong(
                    ("sessions", at, "plan", lang), what, "Begin each line with its minutes: 10 min."
                )
