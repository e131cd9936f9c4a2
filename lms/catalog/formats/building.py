"""A checked source course made into an Edition: links resolved, Markdown rendered, figures inlined."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from lms.catalog.formats import schemas
from lms.catalog.formats.blueprint import shares
from lms.catalog.formats.canonical import address_of
from lms.catalog.formats.figures import inline_figure
from lms.catalog.formats.item_building import figure_address, items_of
from lms.catalog.formats.item_shapes import HotspotItem
from lms.catalog.formats.lesson_html import Page, render
from lms.catalog.formats.source import (
    Shaped,
    SourceCourse,
    SourceFile,
    SourceLesson,
    SourceModule,
    SourceStep,
)
from lms.catalog.text import Text
from lms.catalog.types import (
    ChecklistStep,
    Chip,
    Claim,
    Edition,
    FinalExam,
    FinalPractical,
    Lesson,
    Module,
    Objective,
    QuizPolicy,
    Reference,
    Scope,
    Session,
    Skill,
    Statement,
    Station,
    Step,
    Term,
)

Kept = TypeVar("Kept")


class Unreadable(Exception):
    """The source still has errors; check it first."""


def taught_at(link: str) -> tuple[str, str, str]:
    """Module, lesson and step of a link such as M04/draping#the-turn."""
    module_id, _, inside = link.partition("/")
    lesson_id, _, step_id = inside.partition("#")
    return module_id, lesson_id, step_id


def build_edition(source: SourceCourse) -> Edition:
    """Make the edition. The source must have passed check without errors."""
    course = _shaped(source.course)
    glossary = MappingProxyType(
        {id_: Term(id_, one.term.text(), one.text.text()) for id_, one in _shaped(source.glossary).root.items()}
    )
    references = MappingProxyType(
        {id_: Reference(id_, one.text, one.seen, one.note) for id_, one in _shaped(source.references).root.items()}
    )
    return Edition(
        course_id=course.id,
        edition_id=course.edition.id,
        part=course.edition.part,
        title=course.title.text(),
        edition_title=course.edition.title.text(),
        serial_code=course.serial_code,
        languages=tuple(course.languages),
        spanish_status=course.spanish,
        modules=tuple(_module(source, one, course.quiz, glossary, references) for one in source.modules),
        skills=tuple(_skill(one) for one in source.skills),
        glossary=glossary,
        references=references,
        statements=tuple(
            Statement(one.id, one.as_of, one.source, one.text.text(), one.short.text()) for one in course.statements
        ),
        claims=_claims(source),
        scope=_scope(source),
        final_exam=_final_exam(course),
        final_practical=_final_practical(course),
        maps=MappingProxyType(_maps(source)),
    )


def _claims(source: SourceCourse) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            one.id,
            one.saying.text(),
            one.status,
            one.teach.text(),
            tuple(one.references),
            *taught_at(one.lesson),
        )
        for one in (_shaped(source.evidence).claims if source.evidence else ())
    )


def _scope(source: SourceCourse) -> Scope | None:
    if source.scope is None:
        return None
    scope = _shaped(source.scope)
    return Scope(scope.as_of, scope.source.text(), tuple((row.may.text(), row.never.text()) for row in scope.rows))


def _final_exam(course: schemas.CourseFile) -> FinalExam | None:
    exam = course.final_exam
    if exam is None:
        return None
    items = MappingProxyType(shares(exam.items, exam.weights))
    return FinalExam(items, exam.pass_percent, exam.attempts, exam.wait_minutes)


def _final_practical(course: schemas.CourseFile) -> FinalPractical | None:
    one = course.final_practical
    if one is None:
        return None
    return FinalPractical(
        minutes=one.minutes,
        time_limit_minutes=one.time_limit_minutes,
        retake_minutes=one.retake_minutes,
        instructions=one.instructions.text(),
        passing=one.passing.text(),
        stations=tuple(Station(s.id, s.title.text(), tuple(s.skills)) for s in one.stations),
    )


def _maps(source: SourceCourse) -> dict[str, Text]:
    """Every figure that a question points at, inlined in both languages."""
    found: dict[str, Text] = {}
    for module in source.modules:
        for item in _shaped(module.quiz).items:
            if isinstance(item, HotspotItem):
                address = figure_address(source, module, item.figure)
                name, prefix = item.figure, address.replace("/", "-")
                found[address] = Text(
                    *(_inlined(source, module, name, lang, f"map-{prefix}-{lang}") for lang in ("en", "es"))
                )
    return found


def _inlined(source: SourceCourse, module: SourceModule, name: str, lang: str, prefix: str) -> str:
    folder = _there(source.figures_for(module, name), name)
    labels = {key: pair.text() for key, pair in _shaped(folder.labels).root.items()}
    return inline_figure(folder.svgs[name], labels, lang, prefix)


def _shaped(file: SourceFile[Shaped]) -> Shaped:
    return _there(file.value, file.path)


def _there(thing: Kept | None, path: str) -> Kept:
    if thing is None:
        raise Unreadable(path)
    return thing


def _module(
    course: SourceCourse,
    source: SourceModule,
    quiz: schemas.CourseQuizShape,
    glossary: Mapping[str, Term],
    references: Mapping[str, Reference],
) -> Module:
    file = _shaped(source.file)
    return Module(
        id=file.id,
        slug=source.folder,
        title=file.title.text(),
        summary=file.summary.text(),
        prerequisites=tuple(file.prerequisites),
        minutes=MappingProxyType(file.minutes.model_dump()),
        quiz=_policy(file.quiz, quiz),
        objectives=tuple(Objective(o.id, o.bloom, o.safety, o.text.text()) for o in file.objectives),
        lessons=tuple(_lesson(course, source, one, glossary, references) for one in source.lessons),
        sessions=tuple(_session(one) for one in file.sessions),
        items=items_of(course, source),
    )


def _policy(own: schemas.ModuleQuizShape, course: schemas.CourseQuizShape) -> QuizPolicy:
    return QuizPolicy(
        pass_percent=own.pass_percent or course.pass_percent,
        draw=own.draw,
        attempts=own.attempts or course.attempts,
        wait_minutes=course.wait_minutes if own.wait_minutes is None else own.wait_minutes,
    )


def _session(one: schemas.SessionShape) -> Session:
    return Session(
        id=one.id,
        kind=one.kind,
        minutes=one.minutes,
        title=one.title.text(),
        objectives=tuple(one.objectives),
        materials=one.materials.text(),
        plan=one.plan.text(),
    )


def _lesson(
    course: SourceCourse,
    module: SourceModule,
    source: SourceLesson,
    glossary: Mapping[str, Term],
    references: Mapping[str, Reference],
) -> Lesson:
    english, spanish = _there(source.en, source.name), _there(source.es, source.name)

    def html(step: SourceStep, lang: str) -> str:
        key = f"{source.name}-{step.id}" if lang == "en" else f"{source.name}-{step.id}-{lang}"

        def figure(name: str) -> str:
            return _inlined(course, module, name, lang, key)

        return render(step.markdown, Page(lang, key, glossary, references, figure))

    def made(step: SourceStep) -> Step:
        translated = spanish.step(step.id)
        html_both = Text(html(step, "en"), html(translated, "es"))
        return Step(step.id, Text(step.title, translated.title), html_both)

    front = _shaped(english.front)
    return Lesson(
        id=source.name,
        module_id=_shaped(module.file).id,
        title=Text(front.title, _shaped(spanish.front).title),
        minutes=MappingProxyType(front.minutes.model_dump()),
        objectives=tuple(front.objectives),
        safety=front.safety,
        steps=tuple(made(step) for step in english.steps),
    )


def _skill(file: SourceFile[schemas.SkillFile]) -> Skill:
    source = _shaped(file)
    skill = Skill(
        id=source.id,
        hash="",
        slug=file.path.removeprefix("skills/").removesuffix(".yaml"),
        module_id=source.module,
        title=source.title.text(),
        purpose=source.purpose.text(),
        setting=source.setting.text(),
        equipment=tuple(one.text() for one in source.equipment),
        time_limit_minutes=source.time_limit_minutes,
        prerequisite_modules=tuple(source.prerequisites.modules),
        prerequisite_skills=tuple(source.prerequisites.skills),
        signers=tuple(source.signers),
        pass_percent=source.passing.percent,
        min_rating=source.passing.min_rating,
        steps=tuple(_checklist_step(one, number) for number, one in enumerate(source.steps, 1)),
        common_errors=tuple(one.text() for one in source.common_errors),
        chips=tuple(Chip(one.id, one.text.text()) for one in source.chips),
        prompts=tuple(one.text() for one in source.prompts),
    )
    return replace(skill, hash=address_of(skill))


def _checklist_step(source: schemas.ChecklistStepShape, number: int) -> ChecklistStep:
    module_id, lesson_id, step_id = taught_at(source.lesson)
    return ChecklistStep(
        id=source.id,
        number=number,
        text=source.text.text(),
        looks_like=source.looks_like.text(),
        points=source.points,
        critical=source.critical,
        na_allowed=source.na_allowed,
        order=source.order,
        module_id=module_id,
        lesson_id=lesson_id,
        step_id=step_id,
    )
