"""What a student did so far, as the rows that the application would have stored, without doing it act by act."""

import hashlib
from datetime import datetime, timedelta
from random import Random
from typing import Any

from lms.catalog.types import Module, Skill
from lms.cohorts.models import StatementSignature
from lms.courses.models import ActivityBeat, ReadingPlace, StepDone
from lms.hours.models import ClockDecision, ClockEntry
from lms.practicals import rules as practicals
from lms.practicals.models import Countersignature, Sheet, SheetWords, StepMark
from lms.practicals.rules import Mark
from lms.quizzes import rules as quizzes
from lms.quizzes.models import Attempt, Response
from tests.bench.record import Act
from tests.bench.rows import Journey, Rows
from tests.synthetic import right_answer, wrong_answer

RIGHT, WRONG = 9, 6  # of ten questions: a try that passes and one that does not
A_MODULE = timedelta(days=4)
COMMENT = "Calm and steady. Said aloud what she would do before she did it; the draping stayed closed."


def record(rows: Rows, of: Journey) -> None:
    """Everything one student did."""
    _statements(rows, of)
    for place, module in enumerate(rows.edition.modules[: of.modules]):
        day = of.began + place * A_MODULE
        _read(rows, of, module, day, steps=None)
        _quizzes(rows, of, module, day, tries=2 if of.stumbles and place % 3 == 1 else 1)
        _hours(rows, of, module, day)
    if of.modules < len(rows.edition.modules):
        _under_way(rows, of, rows.edition.modules[of.modules], of.began + of.modules * A_MODULE)
    _skills(rows, of)


def _under_way(rows: Rows, of: Journey, module: Module, day: datetime) -> None:
    _read(rows, of, module, day, steps=None if of.at_quiz else sum(len(one.steps) for one in module.lessons) // 2)
    if of.at_quiz:
        attempt = _attempt(rows, of, module, day, 1)
        for line in attempt["form"][:5]:
            _response(rows, attempt, module, line, right=True)


def _statements(rows: Rows, of: Journey) -> None:
    for statement_id, key in of.statements:
        row = rows.numbered(
            StatementSignature, enrolment_id=of.enrolment_id, statement_id=statement_id, key=key, signed_at=of.began
        )
        rows.acts.append(
            Act(
                "statement.signed",
                of.began,
                row,
                "entry_seq",
                {"statement": key, "statement_id": statement_id, "language": "en", "enrolment": of.enrolment_id},
                {"student": of.name},
                {"id": of.user_id, "role": "student"},
                of.user_id,
            )
        )


def _read(rows: Rows, of: Journey, module: Module, day: datetime, *, steps: int | None) -> None:
    """The first `steps` of a module, all where None; three minutes each."""
    places = [(lesson.id, step.id) for lesson in module.lessons for step in lesson.steps]
    at = day
    for lesson_id, step_id in places[:steps]:
        at += timedelta(minutes=3)
        where = {"enrolment_id": of.enrolment_id, "module_id": module.id, "lesson_id": lesson_id}
        rows.add(StepDone, **where, step_id=step_id, at=at)
        rows.add(ActivityBeat, **where, at=at)
    if steps is not None:
        lesson_id, step_id = places[steps]
        where = {"enrolment_id": of.enrolment_id, "module_id": module.id, "lesson_id": lesson_id}
        rows.add(ReadingPlace, **where, step_id=step_id, at=at)


# ---- quizzes ----------------------------------------------------------------------------------------------------
def _quizzes(rows: Rows, of: Journey, module: Module, day: datetime, *, tries: int) -> None:
    for n in range(1, tries + 1):
        passed, at = n == tries, day + timedelta(hours=4 + n)
        attempt = _attempt(rows, of, module, at, n)
        right = RIGHT if passed else WRONG
        for place, line in enumerate(attempt["form"]):
            _response(rows, attempt, module, line, right=place < right, judged=True)
        rows.submitted.append(
            {
                "id": attempt["id"],
                "submitted_at": at + timedelta(minutes=12),
                "correct": right,
                "passed": passed,
                "receipt": _receipt(attempt["id"]),
                "version": 2,
            }
        )


def _attempt(rows: Rows, of: Journey, module: Module, at: datetime, n: int) -> dict[str, Any]:
    form = quizzes.draw(module, Random(of.enrolment_id * 100 + n))
    return rows.numbered(
        Attempt,
        enrolment_id=of.enrolment_id,
        module_id=module.id,
        number=n,
        form=form,
        pass_percent=module.quiz.pass_percent,
        started_at=at,
    )


def _response(
    rows: Rows, attempt: dict[str, Any], module: Module, line: Any, *, right: bool, judged: bool = False
) -> None:
    item = next(one for one in module.items if one.id == line["item"])
    rows.add(
        Response,
        attempt_id=attempt["id"],
        item_id=item.id,
        item_hash=item.hash,
        answer=right_answer(item) if right else wrong_answer(item),
        saved_at=attempt["started_at"] + timedelta(minutes=1),
        receipt=_receipt(attempt["id"], item.id),
        correct=right if judged else None,
    )


def _receipt(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


# ---- hours ------------------------------------------------------------------------------------------------------
def _hours(rows: Rows, of: Journey, module: Module, day: datetime) -> None:
    """The module's plan, class by class; the newest waits for approval while the student is under way."""
    last = of.modules < len(rows.edition.modules) and module.id == rows.edition.modules[of.modules - 1].id
    for hour, (kind, minutes) in enumerate(module.minutes.items()):
        began = day + timedelta(days=1, hours=2 * hour)
        source = "activity" if kind == "theory_online" else "roster"
        row = rows.numbered(
            ClockEntry,
            enrolment_id=of.enrolment_id,
            kind=kind,
            minutes=minutes,
            held_on=began.date(),
            starts_at=None if source == "activity" else began,
            ends_at=None if source == "activity" else began + timedelta(minutes=minutes),
            session_id=f"{module.id}-L1" if kind == "lab" else None,
            source=source,
            proposed_by_id=of.user_id if source == "activity" else rows.instructor.id,
            proposed_at=began + timedelta(hours=2),
        )
        if not (last and kind == "lab"):
            _approve(rows, of, row, began + timedelta(days=1))


def _approve(rows: Rows, of: Journey, entry: dict[str, Any], at: datetime) -> None:
    row = rows.numbered(
        ClockDecision, entry_id=entry["id"], approved=True, decided_by_id=rows.instructor.id, decided_at=at
    )
    facts = {name: entry[name] for name in ("enrolment_id", "kind", "minutes", "source")}
    rows.acts.append(
        Act(
            "hours.approved",
            at,
            row,
            "ledger_seq",
            {"entry": entry["id"], **facts, "held_on": entry["held_on"].isoformat()},
            {"examiner": rows.instructor.name},
            {"id": rows.instructor.id, "role": "instructor"},
            of.user_id,
        )
    )


# ---- skills -----------------------------------------------------------------------------------------------------
def _skills(rows: Rows, of: Journey) -> None:
    """A skill follows its module's quiz; who is behind has the newest one under way."""
    reached = {module.id for module in rows.edition.modules[: of.modules]}
    open_now = [skill for skill in rows.edition.skills if reached.issuperset(skill.prerequisite_modules)]
    for place, skill in enumerate(open_now):
        day = of.began + (int(skill.module_id[1:]) - 1) * A_MODULE + timedelta(days=2, hours=place % 7)
        if of.behind and place == len(open_now) - 1:
            _unsigned(rows, of, skill, day)
            continue
        tries = 2 if of.stumbles and place % 5 == 2 else 1
        for n in range(1, tries + 1):
            _signed(rows, of, skill, day + timedelta(days=n - 1), n, shown=n == tries, answered=place % 4 < 3)


def _sheet(rows: Rows, of: Journey, skill: Skill, at: datetime, n: int, rating: int | None) -> dict[str, Any]:
    return rows.numbered(
        Sheet,
        enrolment_id=of.enrolment_id,
        skill_id=skill.id,
        skill_hash=skill.hash,
        number=n,
        examiner_id=rows.instructor.id,
        opened_at=at,
        rating=rating,
        version=len(skill.steps) + 1,
    )


def _unsigned(rows: Rows, of: Journey, skill: Skill, at: datetime) -> None:
    sheet = _sheet(rows, of, skill, at, 1, None)
    for step in skill.steps[: len(skill.steps) // 2]:
        rows.add(StepMark, sheet_id=sheet["id"], step_id=step.id, mark=Mark.INDEPENDENT.value, saved_at=at)
    words = {"comment": COMMENT, "chips": ["calm"], "reasons": {}, "place": "", "why": ""}
    rows.add(SheetWords, sheet_id=sheet["id"], words=words)


def _signed(rows: Rows, of: Journey, skill: Skill, at: datetime, n: int, *, shown: bool, answered: bool) -> None:
    rating = 4 if shown else 2
    sheet = _sheet(rows, of, skill, at, n, rating)
    marks = {step.id: Mark.INDEPENDENT for step in skill.steps}
    marks[skill.steps[1 if shown else 0].id] = Mark.PROMPTED  # the first step is a safety step
    for step_id, mark in marks.items():
        rows.add(StepMark, sheet_id=sheet["id"], step_id=step_id, mark=mark.value, saved_at=at)
    outcome, signed_at = practicals.verdict(skill, marks, rating), at + timedelta(minutes=20)
    row = {
        "id": sheet["id"],
        "observed_at": at,
        "signed_at": signed_at,
        "verdict": outcome.verdict.value,
        "points": outcome.points,
        "points_possible": outcome.possible,
        "statement": "observed",
        "version": sheet["version"] + 1,
    }
    rows.signed.append(row)
    told = {"verdict": outcome.verdict.value, "points": outcome.points, "possible": outcome.possible}
    told["needed"] = outcome.needed
    act = Act(
        "sheet.signed",
        signed_at,
        row,
        "entry_seq",
        {
            "sheet": sheet["id"],
            "enrolment": of.enrolment_id,
            "skill": {"id": skill.id, "hash": skill.hash},
            "number": n,
            "marks": {step: mark.value for step, mark in marks.items()},
            "rating": rating,
            "outcome": told,
            "meaning": {"key": "observed", "language": "en", "text": "I watched all of it."},
        },
        {
            "student": of.name,
            "examiner": rows.instructor.name,
            "credential": rows.instructor.credential,
            "place": "Lab 1",
            "comment": COMMENT,
        },
        {"id": rows.instructor.id, "role": "instructor", "credential": "PT", "valid_to": of.began.date().isoformat()},
        of.user_id,
        told,
    )
    rows.acts.append(act)
    if answered:
        _answer(rows, of, act, signed_at + timedelta(hours=5))


def _answer(rows: Rows, of: Journey, signed: Act, at: datetime) -> None:
    row = rows.numbered(Countersignature, sheet_id=signed.row["id"], student_id=of.user_id, agreed=True, at=at)
    rows.acts.append(
        Act(
            "sheet.countersigned",
            at,
            row,
            "entry_seq",
            {"sheet": signed.row["id"], "meaning": {"key": "received", "language": "en"}},
            {"student": of.name},
            {"id": of.user_id, "role": "student"},
            of.user_id,
            answers=signed,
        )
    )
