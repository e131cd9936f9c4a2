"""Checks of course.yaml, module.yaml and the glossary: ids, order, minutes, closed editions."""

import re
from collections.abc import Iterable, Iterator

from pydantic import RootModel

from lms.catalog.checks.index import Index, repeated
from lms.catalog.checks.wording import MEND, banned
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import ModuleFile
from lms.catalog.formats.shape import Pair, Shape
from lms.catalog.formats.source import Shaped, SourceCourse, SourceFile, SourceModule

QUIZ_MINUTES_AN_ITEM = 1.5
NEAR = (0.8, 1.25)
EXACT = (1, 1)  # a class is as long as it is
PLAN_MINUTES = re.compile(r"^\d+\.\s+\(?(\d+)\s+min\b", re.MULTILINE)


def check_course(source: SourceCourse, found: Index) -> Iterator[Problem]:
    file = source.course
    if file.value:
        for key in ("modules", "skills"):
            listed = getattr(file.value, key)
            yield from repeated(((name, file, (key, at)) for at, name in enumerate(listed)), "folder")
        statements = enumerate(file.value.statements)
        yield from repeated(((one.id, file, ("statements", at)) for at, one in statements), "statement")
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
    yield from check_wording(source.course)
    yield from check_wording(source.glossary)
    if source.scope:
        yield from check_wording(source.scope)


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
        yield from pair_wording(file, ("claims", at, "teach"), claim.teach)


def check_wording(file: SourceFile[Shaped], skip: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Every pair of a file, but those under the keys of `skip`."""
    for at, pair in pairs(file.value):
        if skip and any(str(part) in skip for part in at):
            continue
        yield from pair_wording(file, at, pair)


def pair_wording(file: SourceFile[Shaped], at: tuple[str | int, ...], pair: Pair) -> Iterator[Problem]:
    for lang, text in (("en", pair.en), ("es", pair.es)):
        for phrase, _ in banned(text, lang):
            yield file.wrong((*at, lang), f"“{phrase}” must not be claimed.", MEND)
        if "[[" in text or "[@" in text or "**" in text:
            what = "Marks of lessons ([[ ]], [@ ], **) are shown as they are typed here."
            yield file.wrong((*at, lang), what, "Write plain words.", warning=True)


def pairs(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Pair]]:
    """Every bilingual text inside a shaped value, with its path."""
    if isinstance(value, Pair):
        yield at, value
        return
    for key, inside in _inside(value):
        yield from pairs(inside, (*at, key))


def _inside(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, RootModel):
        return _inside(value.root)
    if isinstance(value, Shape):
        fields = type(value).model_fields.items()
        return ((field.alias or name, getattr(value, name)) for name, field in fields)
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


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
    yield from check_wording(file)


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
