import re
from datetime import timedelta

import pytest

from lms import clock
from lms.access import Role
from lms.accounts.models import User
from lms.cohorts.models import Cohort, CohortInstructor
from lms.courses.models import ActivityBeat
from lms.db import db
from lms.hours import views
from lms.hours.models import ClockDecision, ClockEntry
from lms.i18n import long_date
from lms.school import service as school
from tests import factories


@pytest.mark.parametrize("easy", [False, True], ids=["plain", "easier reading"])
def test_recorded_reading_is_told_to_the_student_and_offered_to_the_instructor(app, as_, easy: bool):
    teacher, student = (factories.user(role, easy_reading=easy) for role in (Role.INSTRUCTOR, Role.STUDENT))
    row = factories.enrolment(factories.cohort(teacher), student, started_on=school.today() - timedelta(days=9))
    before = clock.now() - timedelta(days=2)
    for minute in range(20):
        at = before + timedelta(minutes=minute)
        factories.add(ActivityBeat(enrolment_id=row.id, module_id="M01", lesson_id="m01-lesson-1", at=at))
    assert "h of your reading are recorded" in as_(student).get("/hours").text
    assert "h of recorded reading are not proposed yet" in as_(teacher).get(f"/enrolments/{row.id}/hours").text


def hidden(page):
    return dict(re.findall(r'<input[^>]*name="(csrf_token|act_key|version)"[^>]*value="([^"]*)"', page))


@pytest.fixture
def class_of(app):
    """An instructor, and a student of theirs."""
    teacher = factories.user(Role.INSTRUCTOR, legal_name="Dana Ortiz")
    return teacher, factories.enrolment(factories.cohort(teacher), started_on=school.today() - timedelta(days=9))


def roster(browser, row, day):
    url = f"/cohorts/{row.cohort_id}/roster"
    typed = {"planned": "lab:", "held_on": str(day), "starts": "00:00", "ends": "00:01", "present": [row.id]}
    return browser.post(url, data=hidden(browser.get(url).text) | typed)


def test_the_roster_of_a_cohort_begins_with_today_and_of_an_old_one_with_its_last_day(as_, app, class_of):
    teacher, row = class_of
    last = school.today() - timedelta(days=4)
    old = factories.cohort(teacher, ends_on=last)
    factories.enrolment(old)
    browser = as_(teacher)
    for cohort_id, day in ((row.cohort_id, school.today()), (old.id, last)):
        assert re.search(rf'name="held_on"[^>]*value="{day}"', browser.get(f"/cohorts/{cohort_id}/roster").text)


def test_a_roster_before_the_enrolment_names_the_day_and_keeps_what_was_typed(as_, class_of):
    teacher, row = class_of
    day = school.today() - timedelta(days=10)
    answer = roster(as_(teacher), row, day)
    assert answer.status_code == 422
    assert f"{long_date(day)} does not count" in answer.text
    assert f'value="{day}"' in answer.text
    assert db.session.query(ClockEntry).count() == 0


def test_hours_say_to_everyone_that_their_proposer_approved_them(as_, class_of):
    teacher, row = class_of
    browser = as_(teacher)
    assert roster(browser, row, school.today() - timedelta(days=2)).status_code == 303
    page = browser.get("/hours/to-approve").text
    assert "proposed by you" in page
    assert "goes on record as “Proposed and approved by Dana Ortiz”" in page
    entry = db.session.query(ClockEntry).one()
    browser.post("/hours/decide", data=hidden(page) | {"entries": entry.id, "decision": "approve"})
    for address, who in ((f"/enrolments/{row.id}/hours", teacher), ("/hours", row.user_id)):
        person = who if who is teacher else db.session.get_one(User, who)
        assert "Proposed and approved by Dana Ortiz" in as_(person).get(address).text


def test_another_instructor_reads_who_proposed_and_the_pair_is_named(as_, class_of):
    teacher, row = class_of
    other = factories.user(Role.INSTRUCTOR, legal_name="Bruno Alves")
    factories.add(CohortInstructor(cohort_id=row.cohort_id, user_id=other.id))
    roster(as_(teacher), row, school.today() - timedelta(days=2))
    browser = as_(other)
    page = browser.get("/hours/to-approve").text
    assert "proposed by Dana Ortiz" in page
    assert "goes on record" not in page
    entry = db.session.query(ClockEntry).one()
    browser.post("/hours/decide", data=hidden(page) | {"entries": entry.id, "decision": "reject"})
    page = browser.get(f"/enrolments/{row.id}/hours").text
    assert "Proposed by Dana Ortiz, rejected by Bruno Alves" in page


def test_all_entries_of_a_student_are_approved_with_one_choice_and_nobody_elses(as_, class_of):
    teacher, row = class_of
    name = db.session.get_one(User, row.user_id).legal_name
    cohort = db.session.get_one(Cohort, row.cohort_id)
    same_name = factories.enrolment(cohort, factories.user(legal_name=name), started_on=row.started_on)
    mine, theirs = ([_waits(of, days, teacher).id for days in (1, 2, 3)] for of in (row, same_name))
    browser = as_(teacher)
    page = browser.get("/hours/to-approve").text
    assert re.findall('name="all_of" value="([^"]*)"', page) == [
        ",".join(map(str, reversed(ids))) for ids in (mine, theirs)
    ]
    typed = {"all_of": ",".join(["x", *map(str, mine)]), "decision": "approve"}
    browser.post("/hours/decide", data=hidden(page) | typed)
    assert {one.entry_id for one in db.session.query(ClockDecision).filter_by(approved=True)} == set(mine)
    left = re.findall('name="entries" value="([^"]*)"', browser.get("/hours/to-approve").text)
    assert left == list(map(str, reversed(theirs)))


def test_a_long_queue_comes_in_pages_the_oldest_first(as_, class_of, monkeypatch):
    teacher, row = class_of
    monkeypatch.setattr(views, "PAGE", 2)
    ids = [_waits(row, days, teacher).id for days in (3, 2, 1)]
    page = as_(teacher).get("/hours/to-approve").text
    assert re.findall('name="entries" value="([^"]*)"', page) == list(map(str, ids[:2]))
    assert "These are the oldest." in page


def _waits(row, days, teacher):
    entry = {"enrolment_id": row.id, "kind": "lab", "minutes": 60, "held_on": school.today() - timedelta(days=days)}
    by = {"proposed_by_id": teacher.id, "proposed_at": clock.now(), "source": "roster"}
    return factories.add(ClockEntry(**entry, **by))
