"""A further attempt, released by an instructor of the cohort to who has used up theirs."""

import re
from html import unescape

import pytest
from sqlalchemy import delete, event, select, text, update
from sqlalchemy.exc import DatabaseError

from lms.access import Role
from lms.accounts.models import User
from lms.audit import AuditEvent
from lms.cohorts import service as cohorts
from lms.cohorts.models import CohortInstructor
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.errors import NotAllowed, NotFound, RuleBroken
from lms.quizzes import service
from lms.quizzes.models import AttemptRelease
from lms.quizzes.rules import ReleaseReason
from tests import factories
from tests.quizzes import factories as quiz
from tests.quizzes.factories import RIGHT, WRONG

SENTENCE = "Your instructor can release a further try."


@pytest.fixture
def teacher(enrolment) -> User:
    """The instructor of the student's cohort."""
    person = factories.user(Role.INSTRUCTOR, legal_name="Dana Teacher")
    factories.add(CohortInstructor(cohort_id=enrolment.cohort_id, user_id=person.id))
    return person


@pytest.fixture
def stuck(enrolment, time):
    """The student has used up their three tries of the first module's quiz."""
    for _try in range(3):
        quiz.sat(enrolment, WRONG)
        time.forward(minutes=31)
    return enrolment


def release(row, by, module_id="M01", reason=ReleaseReason.REVIEWED) -> AttemptRelease:
    return service.release(row.id, module_id, reason=reason, by=by.id)


def page_of(row, module_id="M01") -> str:
    return f"/enrolments/{row.id}/quizzes/{module_id}/release"


def hidden(page: str) -> dict[str, str]:
    form = page[page.rindex("<form") :]
    found = re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
    return {re.search(r'name="([^"]*)"', one)[1]: re.search(r'value="([^"]*)"', one)[1] for one in found}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def releases() -> list[AttemptRelease]:
    db.session.rollback()
    return list(db.session.scalars(select(AttemptRelease).order_by(AttemptRelease.id)))


# ---- the act ------------------------------------------------------------------------------------------------------
def test_a_released_try_is_the_students_to_start_once(stuck, teacher, student):
    release(stuck, teacher)

    attempt = service.start(stuck.id, "M01", by=student.id)
    service.submit(attempt.id, by=student.id)

    assert attempt.number == 4
    with pytest.raises(RuleBroken, match="You have used all 4 tries"):
        service.start(stuck.id, "M01", by=student.id)


def test_a_second_one_is_released_only_after_the_first_was_used(stuck, teacher):
    release(stuck, teacher)
    with pytest.raises(RuleBroken, match="released already"):
        release(stuck, teacher)

    quiz.sat(stuck, WRONG)
    release(stuck, teacher)

    assert [row.number for row in releases()] == [4, 5]


def test_it_opens_that_module_of_that_student_alone(stuck, teacher, time):
    other = quiz.enrolment(factories.user())
    quiz.read(other, "M01")
    for _try in range(3):
        quiz.sat(other, WRONG)
        time.forward(minutes=31)
    release(stuck, teacher)

    assert service.standing(stuck, "M01").attempts_left == 1
    assert service.standing(stuck, "M02").attempts_left == 3
    assert service.standing(other, "M01").attempts_left == 0


def test_it_counts_at_once_although_the_wait_is_not_over(enrolment, teacher, student, time):
    for _try in range(3):
        time.forward(minutes=31)
        quiz.sat(enrolment, WRONG)
    release(enrolment, teacher)

    assert service.start(enrolment.id, "M01", by=student.id).number == 4


def test_it_is_on_record_with_who_whose_module_and_reason(stuck, teacher):
    release(stuck, teacher, reason=ReleaseReason.TECHNICAL)

    row = db.session.scalars(select(AuditEvent).filter_by(action="quiz.released")).one()
    assert (row.actor_id, row.subject_kind, row.subject_id) == (teacher.id, "enrolment", str(stuck.id))
    assert row.detail == {"module": "M01", "number": 4, "reason": "technical"}


@pytest.mark.parametrize(
    "act", [update(AttemptRelease).values(number=9), delete(AttemptRelease)], ids=["changed", "deleted"]
)
def test_what_was_released_never_changes(stuck, teacher, act):
    release(stuck, teacher)

    with pytest.raises(DatabaseError, match="may not change"), db.write():
        db.session.execute(act)


def test_the_database_holds_one_release_of_a_try(stuck, teacher):
    row = release(stuck, teacher)
    again = text(
        "INSERT INTO attempt_release (enrolment_id, module_id, number, reason, released_at, released_by_id) "
        "SELECT enrolment_id, module_id, number, reason, released_at, released_by_id FROM attempt_release"
    )

    with pytest.raises(DatabaseError, match=r"(?i)unique"), db.write():
        db.session.execute(again)
    assert [one.id for one in releases()] == [row.id]


def test_an_instructor_of_another_cohort_finds_nothing(stuck, as_):
    stranger = factories.user(Role.INSTRUCTOR)
    with pytest.raises(NotFound):
        release(stuck, stranger)

    browser = as_(stranger)
    for path in (f"/enrolments/{stuck.id}/quizzes", page_of(stuck)):
        assert browser.get(path).status_code == 404
    assert releases() == []


@pytest.mark.parametrize("role", [Role.STUDENT, Role.AUDITOR])
def test_who_only_reads_or_learns_releases_nothing(stuck, as_, role):
    person = factories.user(role)
    with pytest.raises(NotAllowed):
        release(stuck, person)
    assert as_(person).get(page_of(stuck)).status_code == 403


def test_on_leave_nothing_is_released(stuck, teacher):
    cohorts.move(stuck.id, EnrolmentState.LEAVE, by=factories.user(Role.ADMIN).id)
    with pytest.raises(RuleBroken, match="not active"):
        release(stuck, teacher)


def test_a_module_that_the_edition_has_not_is_not_found(stuck, teacher, as_):
    with pytest.raises(NotFound):
        release(stuck, teacher, "M99")
    assert as_(teacher).get(page_of(stuck, "M99")).status_code == 404


# ---- pages of staff -----------------------------------------------------------------------------------------------
def test_staff_see_every_try_with_count_and_verdict(stuck, teacher, as_):
    read = words(as_(teacher).get(f"/enrolments/{stuck.id}/quizzes").text)

    assert "Tries used: 3 of 3" in read
    assert read.count("0 of 4") == 3
    assert re.search(r"Try 3 .* Not yet", read)
    assert read.count("Release a further try") == 1, "for the module that is used up alone"


def test_a_try_under_way_is_listed_without_a_score(enrolment, teacher, student, as_):
    service.start(enrolment.id, "M01", by=student.id)

    read = words(as_(teacher).get(f"/enrolments/{enrolment.id}/quizzes").text)

    assert "Under way" in read
    assert "Not judged yet" in read
    assert "Release" not in read


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMIN])
def test_an_instructor_of_the_cohort_and_an_admin_release_from_the_page(stuck, teacher, as_, role):
    person = teacher if role is Role.INSTRUCTOR else factories.user(role, legal_name="Ada Office")
    browser, listed = as_(person), f"/enrolments/{stuck.id}/quizzes"
    assert page_of(stuck) in browser.get(listed).text

    answer = browser.post(page_of(stuck), data={**hidden(browser.get(page_of(stuck)).text), "reason": "reviewed"})

    assert (answer.status_code, answer.location) == (303, listed)
    read = words(browser.get(listed).text)
    assert f"Try 4 was released by {person.legal_name}" in read
    assert "We reviewed the module together" in read
    assert "has not started the released try yet" in read
    assert page_of(stuck) not in browser.get(listed).text


def test_an_auditor_reads_and_is_offered_nothing(stuck, as_):
    page = as_(factories.user(Role.AUDITOR)).get(f"/enrolments/{stuck.id}/quizzes")

    assert page.status_code == 200
    assert "Release a further try" not in page.text


def test_sent_twice_it_is_released_once(stuck, teacher, as_):
    browser = as_(teacher)
    fields = {**hidden(browser.get(page_of(stuck)).text), "reason": "other"}

    answers = [browser.post(page_of(stuck), data=fields) for _time in range(2)]

    assert {(one.status_code, one.location) for one in answers} == {(303, f"/enrolments/{stuck.id}/quizzes")}
    assert len(releases()) == 1


def test_of_two_instructors_at_the_same_page_the_second_is_told(stuck, teacher, as_):
    admin = as_(factories.user(Role.ADMIN))
    fields = {**hidden(admin.get(page_of(stuck)).text), "reason": "other"}
    release(stuck, teacher)

    late = admin.post(page_of(stuck), data=fields)

    assert late.status_code == 409
    assert "released already" in late.text
    assert len(releases()) == 1


@pytest.mark.parametrize("typed", [{}, {"reason": ""}, {"reason": "because"}])
def test_without_a_reason_of_the_list_nothing_is_released(stuck, teacher, as_, typed):
    browser = as_(teacher)

    answer = browser.post(page_of(stuck), data={**hidden(browser.get(page_of(stuck)).text), **typed})

    assert answer.status_code == 422
    assert "Choose a reason." in answer.text
    assert "<title>Error:" in answer.text
    assert releases() == []


def test_the_page_of_a_quiz_with_tries_left_leads_back_with_a_sentence(enrolment, teacher, as_):
    browser = as_(teacher)

    answer = browser.get(page_of(enrolment))

    assert answer.location == f"/enrolments/{enrolment.id}/quizzes"
    assert "The student has tries left" in browser.get(answer.location).text


def test_the_students_page_leads_to_their_quizzes(stuck, teacher, as_):
    browser, listed = as_(teacher), f"/enrolments/{stuck.id}/quizzes"

    assert listed in browser.get(f"/enrolments/{stuck.id}").text
    assert listed in browser.get(f"/cohorts/{stuck.cohort_id}/readiness/{stuck.id}").text


def test_who_looked_is_on_record(stuck, teacher, as_):
    as_(teacher).get(f"/enrolments/{stuck.id}/quizzes")

    seen = select(AuditEvent.actor_id).filter_by(action="record.viewed", subject_id=str(stuck.id))
    assert db.session.scalars(seen).all() == [teacher.id]


# ---- pages of the student -----------------------------------------------------------------------------------------
def test_used_up_the_student_reads_who_helps_and_released_they_are_offered_the_try(stuck, teacher, student, as_):
    browser = as_(student)
    assert SENTENCE in browser.get("/quizzes/M01").text
    assert "No tries left. " + SENTENCE in words(browser.get("/learn").text)

    release(stuck, teacher)

    page = browser.get("/quizzes/M01")
    assert SENTENCE not in page.text
    assert "Your instructor released a further try." in page.text
    assert "3 of 4" in words(page.text)
    assert SENTENCE not in browser.get("/learn").text
    started = browser.post("/quizzes/M01/start", data=hidden(page.text))
    assert started.location.endswith("/1")


def test_the_result_offers_the_released_try_and_hides_the_key_until_it_is_used(stuck, teacher, student, as_):
    browser, last = as_(student), service.standing(stuck, "M01").tries[-1].attempt_id
    result = f"/attempts/{last}/result"
    assert "Better answer" in browser.get(result).text

    release(stuck, teacher)

    page = browser.get(result).text
    assert "Your instructor released a further try." in page
    assert "Start try 4" in page
    assert "Better answer" not in page


def test_a_passed_released_try_passes_the_quiz(stuck, teacher, student):
    release(stuck, teacher)
    quiz.sat(stuck, RIGHT)

    assert service.standing(stuck, "M01").passed
    assert service.passed_modules([stuck.id])[stuck.id] == {"M01"}


# ---- cost ---------------------------------------------------------------------------------------------------------
def queries(act) -> list[str]:
    seen: list[str] = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return [one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]


def test_where_a_student_stands_is_one_question_to_the_database_released_or_not(stuck, teacher):
    service.standings(stuck)  # what a process reads once
    before = queries(lambda: service.standings(stuck))
    release(stuck, teacher)
    service.standings(stuck)
    after = queries(lambda: service.standings(stuck))

    assert len([one for one in before if "attempt" in one]) == 1
    assert len(after) == len(before)


def test_the_page_of_a_student_asks_as_often_for_many_tries_as_for_few(stuck, teacher, as_):
    browser, path = as_(teacher), f"/enrolments/{stuck.id}/quizzes"
    browser.get(path)
    few = queries(lambda: browser.get(path))
    for _time in range(4):
        release(stuck, teacher)
        quiz.sat(stuck, WRONG)

    assert len(queries(lambda: browser.get(path))) == len(few)
