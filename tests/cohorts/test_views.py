import re

import pytest

from lms.access import Role
from lms.cohorts.models import Cohort, Enrolment
from lms.db import db
from tests import factories


@pytest.fixture
def admin(app):
    return factories.user(Role.ADMIN)


def hidden(page):
    return dict(re.findall(r'<input[^>]*name="(csrf_token|act_key|version)"[^>]*value="([^"]*)"', page))


def test_an_admin_makes_a_cohort(as_, admin):
    version, browser = factories.course_version(), as_(admin)
    page = browser.get("/cohorts/new").text
    typed = {"name": "Spring", "course_version_id": version.id, "starts_on": "2027-01-05", "ends_on": "2027-04-01"}
    answer = browser.post("/cohorts/new", data=hidden(page) | typed)
    assert answer.status_code == 303
    assert "Spring" in browser.get(answer.location).text


def test_a_form_that_is_wrong_says_so_and_loses_nothing(as_, admin):
    version, browser = factories.course_version(), as_(admin)
    page = browser.get("/cohorts/new").text
    typed = {"name": "Otoño", "course_version_id": version.id, "starts_on": "2027-05-05", "ends_on": "2027-04-01"}
    answer = browser.post("/cohorts/new", data=hidden(page) | typed)
    assert answer.status_code == 422
    assert "must come after the first" in answer.text
    assert 'value="Otoño"' in answer.text
    assert 'role="alert"' in answer.text


def test_sending_the_form_twice_makes_one_cohort(as_, admin):
    version, browser = factories.course_version(), as_(admin)
    data = hidden(browser.get("/cohorts/new").text)
    data |= {"name": "Spring", "course_version_id": version.id, "starts_on": "2027-01-05", "ends_on": "2027-04-01"}
    first, second = (browser.post("/cohorts/new", data=data) for _ in range(2))
    assert first.location == second.location
    assert db.session.query(Cohort).count() == 1


def test_two_editors_get_a_page_with_both(as_, admin):
    cohort, browser = factories.cohort(name="Spring"), as_(admin)
    url = f"/cohorts/{cohort.id}/edit"
    base = {"starts_on": "2027-01-05", "ends_on": "2027-04-01"}
    mine = hidden(browser.get(url).text) | base | {"name": "Mine"}
    theirs = hidden(browser.get(url).text) | base | {"name": "Theirs"}
    assert as_(factories.user(Role.ADMIN)).get(url).status_code == 200
    browser.post(url, data=theirs)
    answer = browser.post(url, data=mine | {"act_key": "f" * 64})
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert "Mine" in answer.text


def test_a_move_needs_a_reason_from_the_list_and_is_told_on_the_page(as_, admin):
    row, browser = factories.enrolment(factories.cohort()), as_(admin)
    url = f"/enrolments/{row.id}/state"
    form = hidden(browser.get(url).text) | {"state": "leave"}
    for wrong in ({}, {"reason": "ill since May"}):
        assert browser.post(url, data=form | wrong).status_code == 422
    assert "Choose a reason." in browser.post(url, data=form).text
    answer = browser.post(url, data=form | {"reason": "asked"})
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "On leave. The student asked for it." in page
    assert f"By {admin.legal_name}" in page


def test_nobody_is_enrolled_before_a_student_is_chosen(as_, admin):
    cohort, student, browser = factories.cohort(), factories.user(legal_name="Ana Ruiz"), as_(admin)
    url = f"/cohorts/{cohort.id}/enrol-known"
    page = browser.get(url).text
    assert f"Ana Ruiz ({student.email})" in page
    answer = browser.post(url, data=hidden(page) | {"user_id": "0"})
    assert answer.status_code == 422
    assert "Choose a student." in answer.text
    assert db.session.query(Enrolment).count() == 0
    assert browser.post(url, data=hidden(page) | {"user_id": student.id}).status_code == 303


def test_another_instructors_cohort_looks_like_none_at_all(as_, app):
    browser, other = as_(factories.user(Role.INSTRUCTOR)), factories.cohort()
    foreign, missing = browser.get(f"/cohorts/{other.id}"), browser.get("/cohorts/99999")
    assert foreign.status_code == missing.status_code == 404
    strip = re.compile(r"<code>.*?</code>|value=\"[^\"]*\"|/cohorts/\d+")
    assert strip.sub("", foreign.text) == strip.sub("", missing.text)
