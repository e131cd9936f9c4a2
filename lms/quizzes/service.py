"""Attempts: started, answered and handed in by the student alone; judged by the server alone. One more than the rules
allow is an instructor's to release. Who sees them, and where students stand, is read in standing.py.
"""

import hashlib
import json
from random import SystemRandom

from sqlalchemy import select

from lms import audit, clock
from lms.access import Permission
from lms.accounts import service as accounts
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import LEARNING
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.i18n import _, clock_time, long_date
from lms.quizzes import grading, rules, words
from lms.quizzes.grading import Problem
from lms.quizzes.models import Attempt, AttemptRelease, Response
from lms.quizzes.rules import ReleaseReason
from lms.quizzes.standing import (
    Result,
    Sitting,
    best,
    get,
    history,
    history_of,
    items_of,
    module_of,
    passed_modules,
    passed_on,
    refusal,
    result,
    sitting,
    standing,
    standings,
    visible_to,
)

__all__ = [
    "Closed",
    "NotAnAnswer",
    "Result",
    "Sitting",
    "best",
    "get",
    "history",
    "history_of",
    "module_of",
    "passed_modules",
    "passed_on",
    "refusal",
    "release",
    "result",
    "save",
    "sitting",
    "standing",
    "standings",
    "start",
    "submit",
    "visible_to",
]


class NotAnAnswer(RuleBroken):
    """What was typed or chosen answers this question in no way; nothing was saved."""


class Closed(RuleBroken):
    """The attempt takes no answers any more, or not now."""


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
        item = next((one for one in items_of(attempt, edition) if one.id == item_id), None)
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
        items = {item.id: item for item in items_of(attempt, _edition_of_active(enrolment))}
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


# ---- what instructors do ----------------------------------------------------------------------------------------
def release(enrolment_id: int, module_id: str, *, reason: ReleaseReason, by: int) -> AttemptRelease:
    """Let the student start one more. Raises NotFound outside one's cohorts, RuleBroken where none is needed."""
    with db.write():
        db.locked(Enrolment, enrolment_id)  # before the person, as where an attempt starts
        releaser = accounts.acting(by, Permission.RELEASE_ATTEMPTS)
        enrolment = cohorts.enrolment(enrolment_id, for_=releaser)
        state = standing(enrolment, module_id)
        if why := rules.release_refusal(state, learning=enrolment.state in LEARNING):
            raise RuleBroken(str(words.UNRELEASED[why]))
        row = AttemptRelease(
            enrolment_id=enrolment_id,
            module_id=module_id,
            number=state.used + 1,
            reason=reason,
            released_at=clock.now(),
            released_by_id=by,
        )
        db.session.add(row)
        db.session.flush()
        subject = ("enrolment", enrolment_id)
        audit.record("quiz.released", by=by, subject=subject, module=module_id, number=row.number, reason=reason.value)
    return row
