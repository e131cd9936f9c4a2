import re

import brotli
import pytest
from sqlalchemy import func, select

from lms.access import Role
from lms.cohorts.rules import EnrolmentState
from lms.courses import service
from lms.courses.models import ActivityBeat, StepDone
from lms.db import db
from tests import factories

STEP = "/learn/M01/m01-lesson-1/step-1"


@pytest.fixture
def enrolled(app):
    return factories.enrolment(factories.cohort())


def student(enrolment):
    return db.session.get(factories.User, enrolment.user_id)


def token(browser, url):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(url).text)[1]


def go_on(browser, url):
    return browser.post(url, data={"csrf_token": token(browser, url)})


def test_a_student_reads_step_by_step(as_, enrolled):
    browser = as_(student(enrolled))
    answer = go_on(browser, STEP)
    assert answer.status_code == 303
    assert answer.location == "/learn/M01/m01-lesson-1/step-2"
    assert service.steps_done(enrolled.id) == {("m01-lesson-1", "step-1")}


def test_going_on_twice_records_the_step_once(as_, enrolled):
    browser = as_(student(enrolled))
    go_on(browser, STEP)
    go_on(browser, STEP)
    assert db.session.scalar(select(func.count()).select_from(StepDone)) == 1


def test_reading_a_page_records_nothing(as_, enrolled):
    as_(student(enrolled)).get(STEP)
    assert db.session.scalar(select(func.count()).select_from(StepDone)) == 0
    assert db.session.scalar(select(func.count()).select_from(ActivityBeat)) == 0


def test_the_place_is_kept_for_another_device(as_, enrolled):
    go_on(as_(student(enrolled)), STEP)
    assert "/learn/M01/m01-lesson-1/step-2" in as_(student(enrolled)).get("/learn").text


def test_a_later_module_says_what_opens_it(as_, enrolled):
    answer = as_(student(enrolled)).get("/learn/M02/m02-lesson-1/step-1")
    assert answer.status_code == 409
    assert "opens when you have read: Module 1" in answer.text


@pytest.mark.parametrize("url", ["/learn/M99/x/y", "/learn/M01/m01-lesson-9/step-1", "/learn/M01/m01-lesson-1/step-9"])
def test_what_the_course_does_not_have_is_not_found(as_, enrolled, url):
    assert as_(student(enrolled)).get(url).status_code == 404


def test_a_safety_lesson_shows_the_english_beside_unreviewed_spanish(as_, enrolled):
    person = student(enrolled)
    with db.write():
        db.locked(factories.User, person.id).locale = "es"
    page = as_(student(enrolled)).get(STEP).text
    assert 'lang="es"' in page
    assert '<div lang="en"><p>Wash hands' in page


def test_a_withdrawn_student_records_nothing_more(as_, enrolled):
    browser = as_(student(enrolled))
    csrf = token(browser, STEP)
    with db.write():
        db.locked(factories.Enrolment, enrolled.id).state = EnrolmentState.WITHDRAWN
    assert browser.post(STEP, data={"csrf_token": csrf}).status_code == 404
    assert service.steps_done(enrolled.id) == set()


def test_heartbeats_closer_than_half_a_minute_count_once(app, enrolled, time):
    for seconds in (0, 10, 40):
        time.forward(seconds=seconds)
        service.beat(enrolled.id, "M01", "m01-lesson-1", by=enrolled.user_id)
    assert db.session.scalar(select(func.count()).select_from(ActivityBeat)) == 2


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMIN, Role.AUDITOR])
def test_staff_have_no_lessons_of_their_own(as_, app, role):
    assert as_(factories.user(role)).get("/learn").status_code == 403


def test_a_step_is_sent_as_brotli_to_a_browser_that_takes_it(as_, enrolled):
    browser = as_(student(enrolled))
    plain = browser.get(STEP)
    small = browser.get(STEP, headers={"Accept-Encoding": "gzip, br"})
    assert plain.headers.get("Content-Encoding") is None
    assert small.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in small.headers["Vary"]
    read = brotli.decompress(small.data).decode()
    assert "Wash hands before you touch." in read
    assert len(small.data) < len(plain.data) / 2


PAGES = (STEP, "/learn/M01/m01-lesson-1/figures/hands", "/print/M01", "/glossary", "/references", "/course/syllabus")


@pytest.mark.parametrize("query", ["words=canary", "words=en&q=canary", "q=canary"])
@pytest.mark.parametrize("url", PAGES)
def test_a_page_that_repeats_what_a_visitor_chose_is_not_compressed(as_, enrolled, url, query):
    """Else its size would tell a stranger's guess from a miss."""
    page = as_(student(enrolled)).get(f"{url}?{query}", headers={"Accept-Encoding": "br"})
    assert page.status_code == 200
    assert page.headers.get("Content-Encoding") is None


@pytest.mark.parametrize("taken", ["gzip", "br;q=0", "identity"])
def test_a_browser_that_takes_no_brotli_gets_plain_words(as_, enrolled, taken):
    page = as_(student(enrolled)).get(STEP, headers={"Accept-Encoding": taken})
    assert page.headers.get("Content-Encoding") is None
    assert "Wash hands" in page.text


@pytest.mark.parametrize("url", [*PAGES, f"{STEP}?words=es"])
def test_a_page_without_a_choice_of_the_visitors_is_compressed(as_, enrolled, url):
    page = as_(student(enrolled)).get(url, headers={"Accept-Encoding": "br"})
    assert page.headers["Content-Encoding"] == "br"
