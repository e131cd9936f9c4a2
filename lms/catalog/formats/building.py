"""A checked source course made into an Edition: links resolved, Markdown rendered, figures inlined."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from lms.catalog.formats import schemas
from lms.catalog.formats.canonical import address_of
from lms.catalog.formats.figures import inline_figure
from lms.catalog.formats.lesson_html import Page, render
from lms.catalog.formats.source import (
    Shaped,
    SourceCourse,
    SourceFile,
    SourceLesson,
    SourceModule,
    SourceStep,
)
from lms.catalog.types import (
    ChecklistStep,
    Chip,
    Edition,
    Item,
    ItemType,
    Lesson,
    Module,
    Objective,
    Option,
    QuizPolicy,
    Reference,
    Session,
    Skill,
    Statement,
    Step,
    Term,
    Text,
)

Kept = TypeVar("Kept")
RIGHT_WORD, WRONG_WORD = Text("True", "Verdadero"), Text("False", "Falso")


class Unreadable(Exception):
    """The source still has errors; check it first."""


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
        modules=tuple(_module(one, course.quiz, glossary, references) for one in source.modules),
        skills=tuple(_skill(one) for one in source.skills),
        glossary=glossary,
        references=references,
        statements=tuple(
            Statement(one.id, one.as_of, one.source, one.text.text(), one.short.text()) for one in course.statements
        ),
    )


def _shaped(file: SourceFile[Shaped]) -> Shaped:
    return _there(file.value, file.path)


def _there(thing: Kept | None, path: str) -> Kept:
    if thing is None:
        raise Unreadable(path)
    return thing


def _module(
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
        lessons=tuple(_lesson(source, file.id, one, glossary, references) for one in source.lessons),
        sessions=tuple(_session(one) for one in file.sessions),
        items=tuple(_item(one) for one in _shaped(source.quiz).items),
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
    module: SourceModule,
    module_id: str,
    source: SourceLesson,
    glossary: Mapping[str, Term],
    references: Mapping[str, Reference],
) -> Lesson:
    english, spanish = _there(source.en, source.name), _there(source.es, source.name)
    labels = {key: pair.text() for key, pair in _shaped(module.labels).root.items()}

    def html(step: SourceStep, lang: str) -> str:
        key = step.id if lang == "en" else f"{step.id}-{lang}"

        def figure(name: str) -> str:
            return inline_figure(module.figures[name], labels, lang, f"{source.name}-{key}")

        return render(step.markdown, Page(lang, key, glossary, references, figure))

    def made(step: SourceStep) -> Step:
        translated = spanish.step(step.id)
        html_both = Text(html(step, "en"), html(translated, "es"))
        return Step(step.id, Text(step.title, translated.title), html_both)

    front = _shaped(english.front)
    return Lesson(
        id=source.name,
        module_id=module_id,
        title=Text(front.title, _shaped(spanish.front).title),
        minutes=MappingProxyType(front.minutes.model_dump()),
        objectives=tuple(front.objectives),
        safety=front.safety,
        steps=tuple(made(step) for step in english.steps),
    )


def _item(source: schemas.AnyItem) -> Item:
    lesson_id, _, step_id = source.lesson.partition("#")
    item = Item(
        id=source.id,
        hash="",
        type=ItemType(source.type),
        objective=source.objective,
        bloom=source.bloom,
        difficulty=source.difficulty,
        safety=source.safety,
        lesson_id=lesson_id,
        step_id=step_id,
        stem=source.stem.text(),
        options=_options(source),
    )
    if isinstance(source, schemas.NumericItem):
        answer = source.answer
        item = replace(
            item,
            value=answer.value,
            tolerance=answer.tolerance,
            unit=answer.unit.text(),
            why=source.why.text(),
        )
    return replace(item, hash=address_of(item))


def _options(source: schemas.AnyItem) -> tuple[Option, ...]:
    if isinstance(source, schemas.TrueFalseItem):
        return (
            Option("true", source.answer, RIGHT_WORD, source.why_true.text()),
            Option("false", not source.answer, WRONG_WORD, source.why_false.text()),
        )
    if isinstance(source, schemas.NumericItem):
        return ()
    return tuple(Option(one.id, one.correct, one.text.text(), one.why.text()) for one in source.options)


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
    module_id, _, link = source.lesson.partition("/")
    lesson_id, _, step_id = link.partition("#")
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
