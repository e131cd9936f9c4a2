"""A course of two small modules with quizzes, whose every secret text says CANARY, and students in it."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from lms import clock
from lms.accounts.models import User
from lms.catalog.formats.canonical import hash_of, to_json
from lms.catalog.items import Bloom, Item, ItemType, Option
from lms.catalog.models import CourseVersion
from lms.catalog.text import Text
from lms.catalog.types import Edition, Lesson, Module, Objective, QuizPolicy, SpanishStatus, Step
from lms.cohorts.models import Cohort, Enrolment
from lms.cohorts.rules import CohortState
from lms.courses.models import StepDone
from lms.db import db
from lms.quizzes import service
from lms.quizzes.models import Attempt
from tests import factories


def text(words: str) -> Text:
    return Text(words, f"{words} (es)")


def option(item_id: str, letter: str, correct: bool, words: str = "") -> Option:
    return Option(letter, correct, text(words or f"{item_id} choice {letter}"), text(f"CANARY-WHY-{item_id}-{letter}"))


def item(item_id: str, kind: ItemType = ItemType.SINGLE, objective: str = "O1", **changes: object) -> Item:
    options = {
        ItemType.SINGLE: [option(item_id, x, x == "b") for x in "abcd"],
        ItemType.MULTIPLE: [option(item_id, x, x in "ac") for x in "abcd"],
        ItemType.TRUE_FALSE: [option(item_id, "true", False), option(item_id, "false", True)],
        ItemType.NUMERIC: [],
    }[kind]
    number = {"value": 73.25, "tolerance": 0.5, "unit": text("seconds"), "why": text(f"CANARY-WHY-{item_id}")}
    return Item(
        id=item_id,
        hash=f"hash-of-{item_id}",
        type=kind,
        objective=objective,
        bloom=Bloom.APPLY,
        difficulty=1,
        safety=False,
        lesson_id="lesson",
        step_id="one",
        stem=text(f"Question {item_id}?"),
        options=tuple(options),
        **{**(number if kind is ItemType.NUMERIC else {}), **changes},  # type: ignore[arg-type]
    )


def lesson_of(module_id: str) -> str:
    return f"{module_id}-lesson"


def module(
    module_id: str, items: list[Item], *, draw: int = 4, percent: int = 75, needs: tuple[str, ...] = ()
) -> Module:
    steps = tuple(Step(one, text(f"Step {one}"), text("<p>Read.</p>")) for one in ("one", "two"))
    return Module(
        id=module_id,
        slug=module_id.lower(),
        title=text(f"Module {module_id}"),
        summary=text("What it is about."),
        prerequisites=needs,
        minutes={"theory_online": 10},
        quiz=QuizPolicy(pass_percent=percent, draw=draw, attempts=3, wait_minutes=30),
        objectives=tuple(Objective(o, Bloom.APPLY, False, text(f"Topic {o}")) for o in ("O1", "O2")),
        lessons=(Lesson(lesson_of(module_id), module_id, text("The lesson"), {"reading": 5}, ("O1",), False, steps),),
        sessions=(),
        items=tuple(replace(one, lesson_id=lesson_of(module_id)) for one in items),
    )


def four_kinds(module_id: str) -> list[Item]:
    return [
        item(f"{module_id}-Q1", ItemType.SINGLE, "O1", story=text("Ana finds a wet towel.")),
        item(f"{module_id}-Q2", ItemType.MULTIPLE, "O1"),
        item(f"{module_id}-Q3", ItemType.TRUE_FALSE, "O2"),
        item(f"{module_id}-Q4", ItemType.NUMERIC, "O2"),
    ]


RIGHT = {"Q1": ["b"], "Q2": ["a", "c"], "Q3": ["false"], "Q4": ["73.25"]}
WRONG = {"Q1": ["a"], "Q2": ["a", "b"], "Q3": ["true"], "Q4": ["5"]}


def edition(**changes: object) -> Edition:
    modules = (module("M01", four_kinds("M01")), module("M02", four_kinds("M02"), needs=("M01",)))
    made = Edition(
        course_id="small",
        edition_id="part-one",
        part=True,
        title=text("Small course"),
        edition_title=text("Part one"),
        serial_code="SML",
        languages=("en", "es"),
        spanish_status=SpanishStatus.PENDING_REVIEW,
        modules=modules,
        skills=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def enrolment(student: User, course: Edition | None = None) -> Enrolment:
    """A running cohort of the course with that student in it."""
    content = to_json(course or edition())
    version = db.session.scalars(select(CourseVersion).filter_by(hash=hash_of(content))).one_or_none()
    if version is None:
        version = factories.add(
            CourseVersion(
                course_id="small",
                edition_id="part-one",
                number=next(factories.numbers),
                hash=hash_of(content),
                content=content,
                published_at=clock.now(),
            )
        )
    today = factories.today()
    cohort = factories.add(
        Cohort(
            name="Autumn",
            course_version_id=version.id,
            starts_on=today,
            ends_on=today + timedelta(days=60),
            state=CohortState.RUNNING,
        )
    )
    return factories.add(
        Enrolment(
            cohort_id=cohort.id,
            user_id=student.id,
            course_version_id=version.id,
            started_on=today,
            created_at=clock.now(),
        )
    )


def read(row: Enrolment, *modules: str) -> None:
    """The student has read every lesson of the modules."""
    with db.write():
        db.session.add_all(
            StepDone(enrolment_id=row.id, module_id=m, lesson_id=lesson_of(m), step_id=step, at=clock.now())
            for m in modules
            for step in ("one", "two")
        )


def answered(attempt: Attempt, answers: dict[str, list[str]], by: int) -> Attempt:
    """The student gave these answers (by the end of the item's id)."""
    for line in attempt.form:
        if (given := answers.get(line["item"][-2:])) is not None:
            service.save(attempt.id, line["item"], given, by=by)
    return attempt


def sat(row: Enrolment, answers: dict[str, list[str]], module_id: str = "M01") -> Attempt:
    """The student started the quiz, gave these answers and handed in."""
    by = row.user_id
    attempt = answered(service.start(row.id, module_id, by=by), answers, by)
    return service.submit(attempt.id, by=by)
