"""Who sees which attempts, what the pages of one hold, and where students stand with their quizzes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from lms import clock
from lms.access import Role
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.items import Item
from lms.catalog.types import Edition, Module, SpanishStatus
from lms.cohorts.models import CohortInstructor, Enrolment
from lms.cohorts.rules import LEARNING
from lms.courses import service as courses
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.i18n import _, language
from lms.quizzes import feedback, grading, rules
from lms.quizzes.models import Attempt, AttemptRelease, Response
from lms.quizzes.rules import Refusal, Unreleased
from lms.quizzes.types import Feedback, Question, Score, Standing, Try
from lms.school import service as school

RELEASED_NEXT = and_(  # the release, if any, of the attempt after this one
    AttemptRelease.enrolment_id == Attempt.enrolment_id,
    AttemptRelease.module_id == Attempt.module_id,
    AttemptRelease.number == Attempt.number + 1,
)
TRIES = (
    select(
        Attempt.enrolment_id,
        Attempt.module_id,
        Attempt.id,
        Attempt.number,
        Attempt.submitted_at,
        Attempt.passed,
        Attempt.correct,
        func.json_array_length(Attempt.form),
        AttemptRelease.id.is_not(None),
    )
    .outerjoin(AttemptRelease, RELEASED_NEXT)
    .where(Attempt.enrolment_id.in_(bindparam("enrolments", expanding=True)))
    .order_by(Attempt.number)
)


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


@dataclass(frozen=True)
class ModuleHistory:
    """What a student did with one module's quiz, as staff read it."""

    module: Module
    standing: Standing
    releases: list[AttemptRelease]
    unreleased: Unreleased | None  # why no further try can be released now


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


def items_of(attempt: Attempt, edition: Edition) -> list[Item]:
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
            story=item.story,
            options=tuple((option, item.option(option).text) for option in line["options"]),
            unit=item.unit,
        )
        for number, (item, line) in enumerate(zip(items_of(attempt, edition), attempt.form, strict=True), 1)
    ]


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
    rows = db.session.execute(TRIES, {"enrolments": list(enrolment_ids)})
    return [
        (
            (enrolment_id, module_id),
            Try(attempt_id, number, at, bool(passed), None if right is None else Score(right, total), bool(further)),
        )
        for enrolment_id, module_id, attempt_id, number, at, passed, right, total, further in rows
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


def history(enrolment: Enrolment) -> list[ModuleHistory]:
    """Every module of the edition, with the attempts and what was released. Who may see it, the caller asks."""
    query = select(AttemptRelease).filter_by(enrolment_id=enrolment.id).options(joinedload(AttemptRelease.released_by))
    releases: dict[str, list[AttemptRelease]] = defaultdict(list)
    for row in db.session.scalars(query.order_by(AttemptRelease.number)):
        releases[row.module_id].append(row)
    learning, edition = enrolment.state in LEARNING, catalog.edition(enrolment.course_version_id)
    return [
        ModuleHistory(
            edition.module(module_id), state, releases[module_id], rules.release_refusal(state, learning=learning)
        )
        for module_id, state in standings(enrolment).items()
    ]


def history_of(enrolment: Enrolment, module_id: str) -> ModuleHistory:
    """Raises NotFound for a module that the edition has not."""
    found = next((one for one in history(enrolment) if one.module.id == module_id), None)
    if found is None:
        raise NotFound
    return found
