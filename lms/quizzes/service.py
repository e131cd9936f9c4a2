"""Attempts: started, answered and handed in by the student alone; judged by the server alone."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, selectinload

from lms import audit, clock
from lms.access import Permission, Role
from lms.accounts import service as accounts
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.types import Edition, Item, Module, SpanishStatus
from lms.cohorts.models import CohortInstructor, Enrolment
from lms.cohorts.rules import LEARNING
from lms.courses import service as courses
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.i18n import _, clock_time, language, long_date
from lms.quizzes import feedback, grading, rules, words
from lms.quizzes.grading import Problem
from lms.quizzes.models import Attempt, Response
from lms.quizzes.rules import Refusal
from lms.quizzes.types import Feedback, Question, Score, Standing, Try
from lms.school import service as school


class NotAnAnswer(RuleBroken):
    """What was typed or chosen answers this question in no way; nothing was saved."""


class Closed(RuleBroken):
    """The attempt takes no answers any more, or not now."""


@dataclass(frozen=True)
class Sitting:
    """An attempt with what its pages need; the questions have no key in them."""

    attempt: Attempt
    module: Module
    questions: list[Question]
    answers: dict[str, list[str]]  # by item
    saved: dict[str, Response]
    languages: tuple[str, ...]

    @property
    def open_numbers(self) -> list[int]:
        return [q.number for q in self.questions if not self.answers.get(q.item_id)]


@dataclass(frozen=True)
class Result:
    """An attempt that was handed in, as far as it may be told now."""

    sitting: Sitting
    score: Score
    needed: int
    standing: Standing
    feedback: Feedback
    refusal: Refusal | None  # why no new try may start now


# ---- who sees what ----------------------------------------------------------------------------------------------
def visible_to(user: User) -> Select[Attempt]:
    """A student sees their own attempts, an instructor those of their cohorts, the office all."""
    query = select(Attempt).join(Attempt.enrolment).options(contains_eager(Attempt.enrolment))
    if user.role is Role.STUDENT:
        return query.where(Enrolment.user_id == user.id)
    if user.role is Role.INSTRUCTOR:
        return query.where(Enrolment.cohort_id.in_(select(CohortInstructor.cohort_id).filter_by(user_id=user.id)))
    return query


def get(attempt_id: int, *, for_: User) -> Attempt:
    """Raises NotFound for what is not there or not theirs to see, alike."""
    query = visible_to(for_).where(Attempt.id == attempt_id).options(selectinload(Attempt.responses))
    attempt = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if attempt is None:
        raise NotFound
    return attempt


def sitting(attempt_id: int, *, for_: User) -> Sitting:
    attempt = get(attempt_id, for_=for_)
    edition = catalog.edition(attempt.enrolment.course_version_id)
    return Sitting(
        attempt=attempt,
        module=module_of(edition, attempt.module_id),
        questions=_questions(attempt, edition),
        answers={row.item_id: row.answer for row in attempt.responses},
        saved={row.item_id: row for row in attempt.responses},
        languages=rules.languages(
            language(),
            school.policy("assessment_language"),
            reviewed=edition.spanish_status is SpanishStatus.REVIEWED,
        ),
    )


def module_of(edition: Edition, module_id: str) -> Module:
    try:
        return edition.module(module_id)
    except KeyError as missing:
        raise NotFound from missing


def _items(attempt: Attempt, edition: Edition) -> list[Item]:
    """The items of the form, in its order, in exactly the state that was drawn."""
    known = {item.id: item for item in module_of(edition, attempt.module_id).items}
    found = [known.get(line["item"]) for line in attempt.form]
    same = [item for item, line in zip(found, attempt.form, strict=True) if item and item.hash == line["hash"]]
    if len(same) != len(found):
        raise RuleBroken(_("This quiz was drawn from another edition of the course. Ask the school."))
    return same


def _questions(attempt: Attempt, edition: Edition) -> list[Question]:
    return [
        Question(
            number=number,
            item_id=item.id,
            type=item.type,
            stem=item.stem,
            options=tuple((option, item.option(option).text) for option in line["options"]),
            unit=item.unit,
        )
        for number, (item, line) in enumerate(zip(_items(attempt, edition), attempt.form, strict=True), 1)
    ]


# ---- where students stand ---------------------------------------------------------------------------------------
def standings(enrolment: Enrolment) -> dict[str, Standing]:
    """{module: where the student stands with its quiz}, for every module of the edition."""
    tries: dict[str, list[Try]] = defaultdict(list)
    for enrolment_module, one in _tries([enrolment.id]):
        tries[enrolment_module[1]].append(one)
    most, wait = school.policy("quiz_attempts"), timedelta(minutes=school.policy("quiz_wait_minutes"))
    return {
        module.id: rules.standing(tries[module.id], rules.allowed(module, most), wait)
        for module in catalog.edition(enrolment.course_version_id).modules
    }


def standing(enrolment: Enrolment, module_id: str) -> Standing:
    """Raises NotFound for a module that the edition has not."""
    found = standings(enrolment)
    if module_id not in found:
        raise NotFound
    return found[module_id]


def _tries(enrolment_ids: Iterable[int]) -> list[tuple[tuple[int, str], Try]]:
    columns = (Attempt.enrolment_id, Attempt.module_id, Attempt.id, Attempt.number, Attempt.submitted_at)
    query = select(*columns, Attempt.passed, Attempt.correct, func.json_array_length(Attempt.form))
    rows = db.session.execute(query.where(Attempt.enrolment_id.in_(list(enrolment_ids))).order_by(Attempt.number))
    return [
        (
            (enrolment_id, module_id),
            Try(attempt_id, number, at, bool(passed), None if right is None else Score(right, total)),
        )
        for enrolment_id, module_id, attempt_id, number, at, passed, right, total in rows
    ]


def passed_on(enrolment_ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """{enrolment: {module whose quiz is passed: when it first was}}."""
    found: dict[int, dict[str, datetime]] = {one: {} for one in enrolment_ids}
    query = select(Attempt.enrolment_id, Attempt.module_id, Attempt.submitted_at)
    query = query.where(Attempt.enrolment_id.in_(list(found)), Attempt.passed.is_(True))
    for enrolment_id, module_id, at in db.session.execute(query):
        if at is not None:
            found[enrolment_id][module_id] = min(at, found[enrolment_id].get(module_id, at))
    return found


def passed_modules(enrolment_ids: Iterable[int]) -> dict[int, set[str]]:
    """{enrolment: modules whose quiz is passed}."""
    return {one: set(days) for one, days in passed_on(enrolment_ids).items()}


def best(enrolment_ids: Iterable[int]) -> dict[int, dict[str, Score]]:
    """{enrolment: {module: the best score so far}}; modules without a submitted attempt are left out."""
    found: dict[int, dict[str, Score]] = defaultdict(dict)
    for (enrolment_id, module_id), one in _tries(enrolment_ids):
        known = found[enrolment_id].get(module_id)
        if one.score and (known is None or one.score.correct > known.correct):
            found[enrolment_id][module_id] = one.score
    return found


def refusal(enrolment: Enrolment, module_id: str, state: Standing | None = None) -> Refusal | None:
    """Why no new try may start now; None when it may."""
    edition = catalog.edition(enrolment.course_version_id)
    return rules.refusal(
        state or standing(enrolment, module_id),
        module_of(edition, module_id),
        edition,
        learning=enrolment.state in LEARNING,
        steps=courses.steps_done(enrolment.id),
        passed=passed_modules([enrolment.id])[enrolment.id],
        now=clock.now(),
    )


# ---- what students do -------------------------------------------------------------------------------------------
def start(enrolment_id: int, module_id: str, *, by: int) -> Attempt:
    """A new attempt, or the one that is open. Raises RuleBroken with what opens the quiz."""
    with db.write():
        enrolment = db.locked(Enrolment, enrolment_id)
        if enrolment.user_id != by:
            raise NotFound
        accounts.acting(by, Permission.LEARN)
        state = standing(enrolment, module_id)
        if state.open_attempt_id is not None:
            return db.locked(Attempt, state.open_attempt_id)
        if why := refusal(enrolment, module_id, state):
            raise RuleBroken(words.refusal(why))
        module = catalog.edition(enrolment.course_version_id).module(module_id)
        last = db.session.get_one(Attempt, state.tries[-1].attempt_id) if state.tries else None
        attempt = Attempt(
            enrolment_id=enrolment_id,
            module_id=module_id,
            number=state.used + 1,
            form=rules.draw(module, SystemRandom(), {line["item"] for line in last.form} if last else ()),
            pass_percent=module.quiz.pass_percent,
            started_at=clock.now(),
        )
        db.session.add(attempt)
        db.session.flush()
        audit.record("quiz.started", by=by, subject=("attempt", attempt.id), module=module_id, number=attempt.number)
    return attempt


def save(attempt_id: int, item_id: str, answer: list[str], *, by: int) -> Response:
    """Keep one answer; an empty one takes it back, the same one again changes nothing.

    Raises NotAnAnswer for what does not fit the question, Closed where the attempt takes no answers, and NotFound.
    """
    with db.write():
        attempt, edition = _running(attempt_id, by)
        item = next((one for one in _items(attempt, edition) if one.id == item_id), None)
        if item is None:
            raise NotFound
        shown = next(line["options"] for line in attempt.form if line["item"] == item_id)
        given = grading.read(item, shown, answer)
        if isinstance(given, Problem):
            raise NotAnAnswer(str(words.PROBLEMS[given]))
        query = select(Response).filter_by(attempt_id=attempt_id, item_id=item_id)
        row = db.session.scalars(query).one_or_none()
        if row is not None and row.answer == given:
            return row
        if row is None:
            row = Response(attempt_id=attempt_id, item_id=item_id, item_hash=item.hash)
            db.session.add(row)
        row.answer, row.saved_at = given, clock.now()
        row.receipt = _receipt(attempt_id, item_id, given, row.saved_at.isoformat())
    return row


def _receipt(*parts: object) -> str:
    """A short code that both sides can quote: it names this attempt, item, answer and time, and no other."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:12]


def _running(attempt_id: int, by: int) -> tuple[Attempt, Edition]:
    """The student's own attempt, locked, if it still takes answers."""
    attempt, enrolment = _own(attempt_id, by)
    if attempt.submitted_at is not None:
        raise Closed(_already(attempt))
    return attempt, _edition_of_active(enrolment)


def _edition_of_active(enrolment: Enrolment) -> Edition:
    if enrolment.state not in LEARNING:
        raise Closed(_("Your enrollment is not active, so nothing more is saved. What you answered before is kept."))
    return catalog.edition(enrolment.course_version_id)


def _own(attempt_id: int, by: int) -> tuple[Attempt, Enrolment]:
    attempt = db.locked(Attempt, attempt_id)
    enrolment = db.session.get_one(Enrolment, attempt.enrolment_id)
    if enrolment.user_id != by:
        raise NotFound
    return attempt, enrolment


def _already(attempt: Attempt) -> str:
    at = attempt.submitted_at or clock.now()
    return _(
        "This quiz was handed in on %(day)s at %(time)s, so no answer can change.",
        day=long_date(at),
        time=clock_time(at),
    )


def submit(attempt_id: int, *, by: int) -> Attempt:
    """Judge and close the attempt; handing in again changes nothing.

    Raises Closed where the enrolment is not active.
    """
    with db.write():
        attempt, enrolment = _own(attempt_id, by)
        if attempt.submitted_at is not None:
            return attempt
        accounts.acting(by, Permission.LEARN)
        items = {item.id: item for item in _items(attempt, _edition_of_active(enrolment))}
        rows = list(db.session.scalars(select(Response).filter_by(attempt_id=attempt_id)))
        for row in rows:
            row.correct = grading.correct(items[row.item_id], row.answer)
        db.session.flush()  # the answers first: they are frozen from the moment the attempt is
        score = grading.score(items.values(), {row.item_id: row.answer for row in rows})
        now = clock.now()
        attempt.correct, attempt.passed = score.correct, grading.passed(score, attempt.pass_percent)
        receipts = sorted(row.receipt for row in rows)
        attempt.receipt = _receipt(attempt_id, score.correct, score.total, receipts, now.isoformat())
        attempt.version += 1
        attempt.submitted_at = now
        audit.record(
            "quiz.submitted", by=by, subject=("attempt", attempt_id), passed=attempt.passed, receipt=attempt.receipt
        )
    return attempt


def result(attempt_id: int, *, for_: User) -> Result:
    """What may be told about an attempt that was handed in. Raises NotFound before that."""
    held = sitting(attempt_id, for_=for_)
    attempt, enrolment = held.attempt, held.attempt.enrolment
    if attempt.submitted_at is None or attempt.correct is None:
        raise NotFound
    state = standing(enrolment, attempt.module_id)
    total = len(held.questions)
    right = {row.item_id for row in attempt.responses if row.correct}
    return Result(
        sitting=held,
        score=Score(attempt.correct, total),
        needed=grading.needed(total, attempt.pass_percent),
        standing=state,
        feedback=feedback.feedback(
            held.module, held.questions, held.answers, right, released=rules.key_released(state)
        ),
        refusal=refusal(enrolment, attempt.module_id, state),
    )
