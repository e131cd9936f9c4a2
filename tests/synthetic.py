"""A made-up course of any size, as values: for tests that need a course and benchmarks that need a large one."""

from dataclasses import replace
from datetime import date

from lms.catalog.formats.canonical import address_of
from lms.catalog.items import Bloom, Item, ItemType, Option
from lms.catalog.text import Text
from lms.catalog.types import (
    ChecklistStep,
    Chip,
    Claim,
    Edition,
    Lesson,
    MinuteKind,
    Module,
    Objective,
    QuizPolicy,
    Reference,
    Scope,
    Session,
    Skill,
    SpanishStatus,
    Statement,
    Step,
)

WORDS = "Wash hands before you touch. Tell the PT what you see. Stop when the patient asks. " * 8


BOTH = (("", "en"), (" (es)", "es"))


def figure(n: int, lang: str) -> str:
    """The first step of a lesson shows one."""
    drawing = f'<svg class="fig" viewBox="0 0 480 90" role="img"><title>Hands, {lang}</title></svg>'
    words = '<figcaption>Two hands <a class="enlarge" href="figures/hands">Open large</a></figcaption>'
    return f'<figure id="figure-hands-{lang}">{drawing}{words}</figure>' if n == 1 else ""


def text(words: str) -> Text:
    return Text(words, f"{words} (es)")


def option(key: str, correct: bool, says: str) -> Option:
    return Option(key, correct, text(says), text(f"why {says}"))


def item(module_id: str, number: int) -> Item:
    """The four types in turn."""
    kind = list(ItemType)[(number - 1) % 4]
    draft = Item(
        id=f"{module_id}-Q{number:02}",
        hash="",
        type=kind,
        objective=f"{module_id}-O{1 + number % 2}",
        bloom=Bloom.APPLY,
        difficulty=1,
        safety=number % 3 == 0,
        lesson_id=f"{module_id.lower()}-lesson-1",
        step_id="step-1",
        stem=text(f"Question {number} of {module_id}?"),
    )
    if kind is ItemType.NUMERIC:
        draft = replace(draft, value=18.0, tolerance=0.5, unit=text("years"), why=text("The law says so."))
    elif kind is ItemType.TRUE_FALSE:
        draft = replace(draft, options=(option("true", False, "true"), option("false", True, "false")))
    else:
        right = {"a", "c"} if kind is ItemType.MULTIPLE else {"b"}
        draft = replace(draft, options=tuple(option(k, k in right, f"answer {k} to {draft.id}") for k in "abcd"))
    return replace(draft, hash=address_of(draft))


def right_answer(one: Item) -> list[str]:
    return ["18"] if one.type is ItemType.NUMERIC else sorted(one.correct_ids)


def wrong_answer(one: Item) -> list[str]:
    return ["99"] if one.type is ItemType.NUMERIC else [next(o.id for o in one.options if not o.correct)]


def lesson(module_id: str, number: int, steps: int) -> Lesson:
    return Lesson(
        id=f"{module_id.lower()}-lesson-{number}",
        module_id=module_id,
        title=text(f"Lesson {number} of {module_id}"),
        minutes={"reading": 10, "practice": 2},
        objectives=(f"{module_id}-O1",),
        safety=number == 1,
        steps=tuple(
            Step(
                f"step-{n}", text(f"Step {n}"), Text(*(f"<p>{WORDS}{said}</p>{figure(n, lang)}" for said, lang in BOTH))
            )
            for n in range(1, steps + 1)
        ),
    )


def module(number: int, *, lessons: int, steps: int, items: int, first: bool) -> Module:
    key = f"M{number:02}"
    return Module(
        id=key,
        slug=f"{number:02}-module",
        title=text(f"Module {number}"),
        summary=text("What it is about."),
        prerequisites=() if first else (f"M{number - 1:02}",),
        minutes={"theory_online": 30, "theory_in_person": 30, "lab": 60},
        quiz=QuizPolicy(pass_percent=80, draw=min(items, 4), attempts=3, wait_minutes=30),
        objectives=tuple(Objective(f"{key}-O{n}", Bloom.APPLY, n == 1, text(f"Objective {n}")) for n in (1, 2)),
        lessons=tuple(lesson(key, n, steps) for n in range(1, lessons + 1)),
        sessions=(
            Session(f"{key}-L1", MinuteKind.LAB, 60, text("Lab"), (f"{key}-O1",), text("Table"), text("1. Practise.")),
        ),
        items=tuple(item(key, n) for n in range(1, items + 1)),
    )


def skill(number: int, module_id: str, *, steps: int, after: tuple[str, ...] = ()) -> Skill:
    key = f"S{number:02}"
    draft = Skill(
        id=key,
        hash="",
        slug=f"skill-{number}",
        module_id=module_id,
        title=text(f"Skill {number}"),
        purpose=text("Why it is done."),
        setting=text("Lab"),
        equipment=(text("Table"),),
        time_limit_minutes=10,
        prerequisite_modules=(module_id,),
        prerequisite_skills=after,
        signers=("PT", "PTA"),
        pass_percent=80,
        min_rating=3,
        steps=tuple(
            ChecklistStep(
                id=f"{key}-{n:02}",
                number=n,
                text=text(f"Does step {n}"),
                looks_like=text("Seen from the side."),
                points=2 if n % 3 == 1 else 1,
                critical=n % 3 == 1,
                na_allowed=n % 3 == 2,
                order=True,
                module_id=module_id,
                lesson_id=f"{module_id.lower()}-lesson-1",
                step_id="step-1",
            )
            for n in range(1, steps + 1)
        ),
        common_errors=(text("Too fast."),),
        chips=(Chip("calm", text("Calm hands")), Chip("slower", text("Slower"))),
        prompts=(text("What told you to stop?"),),
    )
    return replace(draft, hash=address_of(draft))


def edition(
    *,
    modules: int = 2,
    lessons: int = 2,
    steps: int = 2,
    items: int = 6,
    skills: int = 2,
    checklist: int = 6,
    name: str = "small",
) -> Edition:
    made = tuple(module(n, lessons=lessons, steps=steps, items=items, first=n == 1) for n in range(1, modules + 1))
    return Edition(
        course_id=f"synthetic-{name}",
        edition_id="whole",
        part=False,
        title=text("Physical Therapy Aide: Synthetic Course"),
        edition_title=text("Whole course"),
        serial_code="SYN",
        languages=("en", "es"),
        spanish_status=SpanishStatus.PENDING_REVIEW,
        modules=made,
        skills=tuple(
            skill(n, made[(n - 1) % modules].id, steps=checklist, after=("S01",) if n == 2 else ())
            for n in range(1, skills + 1)
        ),
        statements=(
            Statement(
                "does-not-license", date(2026, 11, 23), "design", text("It does not license you."), text("No licence.")
            ),
        ),
        references={"R-A": Reference("R-A", "A. Author. Clean hands. 2020.", "full")},
        claims=(
            Claim(
                "knots",
                text("It breaks up knots."),
                "unsupported",
                text("Tender spots are real; what they are is debated."),
                ("R-A",),
                "M01",
                "m01-lesson-1",
                "step-1",
            ),
        ),
        scope=Scope(date(2026, 11, 23), text("Made up."), ((text("Set up the room"), text("Evaluate")),)),
    )
