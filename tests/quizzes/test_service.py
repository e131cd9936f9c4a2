from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from lms import clock
from lms.access import Role
from lms.accounts.models import User
from lms.audit import AuditEvent
from lms.cohorts import service as cohorts
from lms.cohorts.models import CohortInstructor
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.quizzes import service
from lms.quizzes.models import Attempt, Response
from lms.quizzes.service import Closed, NotAnAnswer
from lms.quizzes.types import Score
from lms.school import service as school
from tests import factories
from tests.quizzes import factories as quiz
from tests.quizzes.factories import RIGHT, WRONG


@pytest.fixture
def attempt(enrolment):
    return service.start(enrolment.id, "M01", by=enrolment.user_id)


def item_of(attempt, end):
    return next(line["item"] for line in attempt.form if line["item"].endswith(end))


def stored(attempt):
    rows = db.session.scalars(select(Response).filter_by(attempt_id=attempt.id))
    return {row.item_id[-2:]: row.answer for row in rows}


# ---- start ------------------------------------------------------------------------------------------------------
def test_starting_draws_a_form_and_keeps_it(enrolment, attempt):
    assert sorted(line["item"] for line in attempt.form) == ["M01-Q1", "M01-Q2", "M01-Q3", "M01-Q4"]
    assert (attempt.number, attempt.pass_percent, attempt.submitted_at) == (1, 75, None)


def test_starting_again_gives_the_open_attempt_with_its_answers(enrolment, attempt, student):
    quiz.answered(attempt, {"Q1": ["a"]}, student.id)

    again = service.start(enrolment.id, "M01", by=student.id)

    assert again.id == attempt.id
    assert stored(again) == {"Q1": ["a"]}


def test_a_quiz_whose_lessons_are_not_read_does_not_start_and_says_what_opens_it(student):
    row = quiz.enrolment(student)

    with pytest.raises(RuleBroken, match=r"opens when you have read the lessons of this module: 1 of 1 is left"):
        service.start(row.id, "M01", by=student.id)


def test_a_quiz_waits_for_the_quiz_of_the_module_before(enrolment, student):
    quiz.read(enrolment, "M02")

    with pytest.raises(RuleBroken, match="passed the quiz of: Module M01"):
        service.start(enrolment.id, "M02", by=student.id)

    quiz.sat(enrolment, RIGHT)
    assert service.start(enrolment.id, "M02", by=student.id).module_id == "M02"


def test_a_module_that_is_not_there_is_not_found(enrolment, student):
    with pytest.raises(NotFound):
        service.start(enrolment.id, "M99", by=student.id)


def test_nobody_starts_a_quiz_for_somebody_else(enrolment):
    with pytest.raises(NotFound):
        service.start(enrolment.id, "M01", by=factories.user().id)


def test_the_next_try_opens_after_the_schools_waiting_time(enrolment, student, time):
    quiz.sat(enrolment, WRONG)

    with pytest.raises(RuleBroken, match="Your next try opens"):
        service.start(enrolment.id, "M01", by=student.id)
    time.forward(minutes=30)

    assert service.start(enrolment.id, "M01", by=student.id).number == 2


def test_after_the_last_try_no_other_starts(enrolment, student, time):
    school.set_policy("quiz_attempts", 2, effective_from=school.today() - timedelta(days=1), source="handbook", by=None)
    for _try in range(2):
        quiz.sat(enrolment, WRONG)
        time.forward(minutes=31)

    with pytest.raises(RuleBroken, match="used all 2 tries"):
        service.start(enrolment.id, "M01", by=student.id)


def test_a_passed_quiz_does_not_start_again(enrolment, student, time):
    quiz.sat(enrolment, RIGHT)
    time.forward(hours=1)

    with pytest.raises(RuleBroken, match="You have passed this quiz"):
        service.start(enrolment.id, "M01", by=student.id)


# ---- save -------------------------------------------------------------------------------------------------------
def test_an_answer_is_kept_with_a_receipt_and_the_newest_stands(attempt, student):
    item = item_of(attempt, "Q1")

    first = service.save(attempt.id, item, ["a"], by=student.id).receipt
    second = service.save(attempt.id, item, ["b"], by=student.id)

    assert len(first) == 12
    assert second.receipt != first
    assert stored(attempt) == {"Q1": ["b"]}


def test_the_same_answer_again_has_the_same_receipt_and_time(attempt, student, time):
    item = item_of(attempt, "Q2")
    first = service.save(attempt.id, item, ["c", "a"], by=student.id)
    kept = first.receipt, first.saved_at
    time.forward(minutes=5)

    again = service.save(attempt.id, item, ["a", "c"], by=student.id)

    assert (again.receipt, again.saved_at) == kept


def test_an_empty_answer_takes_the_answer_back(attempt, student):
    quiz.answered(attempt, {"Q2": ["a"]}, student.id)
    quiz.answered(attempt, {"Q2": []}, student.id)

    assert stored(attempt) == {"Q2": []}


def test_the_item_of_another_form_is_not_found(attempt, student):
    with pytest.raises(NotFound):
        service.save(attempt.id, "M02-Q1", ["a"], by=student.id)


@pytest.mark.parametrize(
    ("end", "answer"),
    [
        ("Q1", ["true"]),
        ("Q1", ["a", "b"]),
        ("Q3", ["a"]),
        ("Q4", ["about a minute"]),
        ("Q4", ["x" * 10_000]),
        ("Q4", ["1", "2"]),
        ("Q1", ["\x00"]),
    ],
)
def test_what_is_no_answer_is_refused_and_the_former_answer_stays(attempt, student, end, answer):
    quiz.answered(attempt, {end: RIGHT[end]}, student.id)

    with pytest.raises(NotAnAnswer):
        service.save(attempt.id, item_of(attempt, end), answer, by=student.id)

    assert sorted(stored(attempt)[end]) == sorted(RIGHT[end])


def test_nobody_answers_for_somebody_else(attempt):
    with pytest.raises(NotFound):
        service.save(attempt.id, item_of(attempt, "Q1"), ["a"], by=factories.user().id)


def test_an_enrolment_on_leave_saves_nothing_more_and_keeps_what_it_has(enrolment, attempt, student):
    quiz.answered(attempt, {"Q1": ["a"]}, student.id)
    cohorts.move(enrolment.id, EnrolmentState.LEAVE, by=factories.user(Role.ADMIN).id)

    with pytest.raises(Closed, match="not active"):
        service.save(attempt.id, item_of(attempt, "Q1"), ["b"], by=student.id)
    with pytest.raises(Closed, match="not active"):
        service.submit(attempt.id, by=student.id)

    assert stored(attempt) == {"Q1": ["a"]}


# ---- submit -----------------------------------------------------------------------------------------------------
def test_the_server_judges_each_answer_and_the_whole(enrolment):
    attempt = quiz.sat(enrolment, {**RIGHT, "Q2": ["a"]})

    assert (attempt.correct, attempt.passed, len(attempt.receipt)) == (3, True, 12)
    judged = {row.item_id: row.correct for row in db.session.scalars(select(Response))}
    assert judged == {"M01-Q1": True, "M01-Q2": False, "M01-Q3": True, "M01-Q4": True}


def test_questions_without_an_answer_count_as_not_right(enrolment):
    attempt = quiz.sat(enrolment, {"Q1": ["b"]})

    assert (attempt.correct, attempt.passed) == (1, False)


def test_handing_in_again_changes_nothing(enrolment, student, time):
    attempt = quiz.sat(enrolment, RIGHT)
    kept = attempt.receipt, attempt.submitted_at
    time.forward(minutes=5)

    again = service.submit(attempt.id, by=student.id)

    assert (again.receipt, again.submitted_at) == kept


def test_after_handing_in_no_answer_changes_and_the_sentence_says_when_it_was(enrolment, student):
    attempt = quiz.sat(enrolment, {"Q1": ["a"]})

    with pytest.raises(Closed, match="handed in on"):
        service.save(attempt.id, item_of(attempt, "Q1"), ["b"], by=student.id)

    assert stored(attempt) == {"Q1": ["a"]}


def test_nobody_hands_in_for_somebody_else(attempt):
    with pytest.raises(NotFound):
        service.submit(attempt.id, by=factories.user().id)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE attempt SET correct = 4",
        "UPDATE attempt SET submitted_at = NULL",
        "DELETE FROM attempt",
        "UPDATE response SET answer = '[\"b\"]'",
        "UPDATE response SET correct = true",
        "DELETE FROM response",
        "INSERT INTO response (attempt_id, item_id, item_hash, answer, saved_at, receipt) "
        "SELECT id, 'M01-Q9', 'h', '[]', started_at, 'r' FROM attempt",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_handed_in(enrolment, sql):
    quiz.sat(enrolment, {"Q1": ["a"]})

    with pytest.raises(DBAPIError, match="signed or issued"), db.write():
        db.session.execute(text(sql))


def test_the_audit_log_names_the_acts_and_no_answers(enrolment, student):
    attempt = quiz.sat(enrolment, RIGHT)

    query = select(AuditEvent).where(AuditEvent.subject_kind == "attempt").order_by(AuditEvent.id)
    rows = list(db.session.scalars(query))
    assert [(row.action, row.actor_id, row.subject_id) for row in rows] == [
        ("quiz.started", student.id, str(attempt.id)),
        ("quiz.submitted", student.id, str(attempt.id)),
    ]
    assert not {"answer", "answers", "correct"} & {key for row in rows for key in row.detail}


# ---- two at once ------------------------------------------------------------------------------------------------
def together(app, act, times=2):
    """`act` in several threads at the same moment, each with a connection of its own."""
    gate = Barrier(times)

    def one(_n):
        with app.app_context():
            try:
                gate.wait(timeout=10)
                return act()
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_two_starts_at_once_open_one_attempt(app, enrolment):
    enrolment_id, by = enrolment.id, enrolment.user_id

    ids = together(app, lambda: service.start(enrolment_id, "M01", by=by).id, times=4)

    assert len(set(ids)) == 1
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_handing_in_twice_at_once_has_one_effect(app, attempt, student):
    quiz.answered(attempt, RIGHT, student.id)
    attempt_id, by = attempt.id, student.id

    receipts = together(app, lambda: service.submit(attempt_id, by=by).receipt, times=4)

    assert len(set(receipts)) == 1
    submitted = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "quiz.submitted")
    assert db.session.scalar(submitted) == 1


def test_two_answers_at_once_leave_one_row(app, attempt, student):
    attempt_id, item, by = attempt.id, item_of(attempt, "Q1"), student.id

    together(app, lambda: service.save(attempt_id, item, ["a"], by=by).receipt, times=4)

    assert stored(attempt) == {"Q1": ["a"]}


# ---- who sees what, and where students stand ------------------------------------------------------------------------
def test_an_attempt_is_seen_by_its_student_their_instructor_and_the_office_alone(enrolment, attempt):
    theirs, other = factories.user(Role.INSTRUCTOR), factories.user(Role.INSTRUCTOR)
    factories.add(CohortInstructor(cohort_id=enrolment.cohort_id, user_id=theirs.id))

    for person in (enrolment.user_id, theirs.id, factories.user(Role.ADMIN).id, factories.user(Role.AUDITOR).id):
        assert service.get(attempt.id, for_=_person(person)).id == attempt.id
    for person in (other.id, factories.user().id):
        with pytest.raises(NotFound):
            service.get(attempt.id, for_=_person(person))


def _person(user_id):
    return db.session.get_one(User, user_id)


def test_standings_tell_tries_left_the_best_score_and_what_is_open(enrolment, student, time):
    quiz.sat(enrolment, WRONG)
    handed_in = clock.now()
    quiz_standing = service.standing(enrolment, "M01")
    time.forward(minutes=30)
    running = service.start(enrolment.id, "M01", by=student.id)

    assert (quiz_standing.attempts_left, quiz_standing.next_at) == (2, handed_in + timedelta(minutes=30))
    assert (quiz_standing.best, quiz_standing.passed) == (Score(0, 4), False)
    assert service.standing(enrolment, "M01").open_attempt_id == running.id
    assert service.standing(enrolment, "M02").used == 0


def test_passed_modules_and_best_scores_are_told_for_many_at_once(enrolment, time):
    quiz.sat(enrolment, {"Q1": ["b"]})
    time.forward(minutes=31)
    quiz.sat(enrolment, RIGHT)
    other = quiz.enrolment(factories.user())
    quiz.read(other, "M01")
    quiz.sat(other, {"Q1": ["b"]})

    ids = [enrolment.id, other.id]
    passed_at = service.standing(enrolment, "M01").passed_at
    assert service.passed_on(ids) == {enrolment.id: {"M01": passed_at}, other.id: {}}
    assert {i: service.passed_modules(ids)[i] for i in ids} == {enrolment.id: {"M01"}, other.id: set()}
    assert dict(service.best(ids)) == {enrolment.id: {"M01": Score(4, 4)}, other.id: {"M01": Score(1, 4)}}
