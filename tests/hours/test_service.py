import json
from datetime import datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from lms.access import Role
from lms.audit import AuditEvent
from lms.cohorts.models import Cohort, CohortInstructor
from lms.courses import service as courses
from lms.courses.models import ActivityBeat
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.hours import service
from lms.hours.models import ClockDecision, ClockEntry
from lms.hours.rules import Kind, Totals
from lms.i18n import long_date
from lms.ledger import service as ledger
from lms.ledger.models import LedgerEntry
from lms.school import service as school
from tests import factories


@pytest.fixture
def instructor(app):
    return factories.user(Role.INSTRUCTOR)


@pytest.fixture
def enrolled(instructor):
    return factories.enrolment(factories.cohort(instructor), started_on=days_ago(20))


def days_ago(days):
    return school.today() - timedelta(days=days)


def lab(enrolment, instructor, *, start=0, hours=2, minutes=None):
    starts = factories.clock.now() - timedelta(hours=30 - start)
    return service.propose_roster(
        enrolment.cohort_id,
        kind=Kind.LAB,
        held_on=factories.clock.local_date(starts, school.current().zone),
        starts=starts,
        ends=starts + timedelta(hours=hours),
        minutes={enrolment.id: minutes or hours * 60},
        by=instructor.id,
    )


def test_hours_count_once_an_instructor_of_the_cohort_approved_them(enrolled, instructor):
    entries = lab(enrolled, instructor)
    assert service.approved_minutes([enrolled.id])[enrolled.id] == {}
    assert service.pending_count([enrolled.id]) == {enrolled.id: 1}
    service.decide([e.id for e in entries], approved=True, by=instructor.id)
    assert service.approved_minutes([enrolled.id])[enrolled.id] == {"lab": 120}
    assert service.pending_count([enrolled.id]) == {}


def test_totals_tell_what_counts_what_waits_and_when_the_last_was_approved(enrolled, instructor, time):
    def decide(start: int, approved: bool) -> None:
        entries = lab(enrolled, instructor, start=start, hours=1)
        service.decide([entries[0].id], approved=approved, by=instructor.id)

    assert service.totals([enrolled.id]) == {enrolled.id: Totals({}, 0, None)}
    decide(0, approved=True)
    decide(2, approved=True)
    last = db.session.scalar(select(func.max(ClockDecision.decided_at)))
    time.forward(minutes=1)
    decide(4, approved=False)
    lab(enrolled, instructor, start=6)
    assert service.totals([enrolled.id]) == {enrolled.id: Totals({"lab": 120}, 1, last)}


def test_rejected_hours_do_not_count(enrolled, instructor):
    entries = lab(enrolled, instructor)
    service.decide([e.id for e in entries], approved=False, by=instructor.id)
    assert service.approved_minutes([enrolled.id])[enrolled.id] == {}


def test_each_decision_is_a_sealed_entry(enrolled, instructor):
    entries = lab(enrolled, instructor)
    service.decide([e.id for e in entries], approved=True, by=instructor.id)
    assert ledger.verify_all().holds
    assert ledger.values(ledger_seq(entries[0].id)) == {"examiner": instructor.legal_name}


def ledger_seq(entry_id):
    return db.session.execute(
        text("SELECT ledger_seq FROM clock_decision WHERE entry_id = :i"), {"i": entry_id}
    ).scalar_one()


def test_deciding_twice_changes_nothing(enrolled, instructor):
    ids = [e.id for e in lab(enrolled, instructor)]
    assert service.decide(ids, approved=True, by=instructor.id) == 1
    assert service.decide(ids, approved=False, by=instructor.id) == 0
    assert service.approved_minutes([enrolled.id])[enrolled.id] == {"lab": 120}


def test_an_instructor_of_another_cohort_finds_nothing_to_decide(enrolled, instructor):
    ids = [e.id for e in lab(enrolled, instructor)]
    stranger = factories.user(Role.INSTRUCTOR)
    with pytest.raises(NotFound):
        service.decide(ids, approved=True, by=stranger.id)
    assert service.waiting_for(stranger, 9) == []


def test_a_student_cannot_be_in_two_classes_at_once(enrolled, instructor):
    lab(enrolled, instructor)
    with pytest.raises(RuleBroken, match="already has hours at that time"):
        lab(enrolled, instructor, start=1)


def test_a_rejected_class_leaves_its_time_free(enrolled, instructor):
    service.decide([e.id for e in lab(enrolled, instructor)], approved=False, by=instructor.id)
    assert lab(enrolled, instructor)


def on(enrolment, instructor, day):
    noon = datetime.combine(day, clock_time(12), ZoneInfo(school.current().zone))
    return service.propose_roster(
        enrolment.cohort_id,
        kind=Kind.LAB,
        held_on=day,
        starts=noon,
        ends=noon + timedelta(hours=1),
        minutes={enrolment.id: 60},
        by=instructor.id,
    )


def test_a_class_counts_on_no_day_before_the_enrolment_after_the_cohort_or_to_come(enrolled, instructor):
    with db.write():
        db.session.get_one(Cohort, enrolled.cohort_id).ends_on = days_ago(2)
    for wrong, words in ((21, f"begins on {long_date(days_ago(20))}"), (1, f"ended on {long_date(days_ago(2))}")):
        with pytest.raises(RuleBroken, match=words) as told:
            on(enrolled, instructor, days_ago(wrong))
        assert str(told.value).startswith(long_date(days_ago(wrong)))
    with pytest.raises(RuleBroken, match=f"{long_date(days_ago(-1))} has not come yet"):
        on(enrolled, instructor, days_ago(-1))
    assert db.session.query(ClockEntry).count() == 0
    assert on(enrolled, instructor, days_ago(20))
    assert on(enrolled, instructor, days_ago(2))


def read(enrolment, day, minutes=9):
    noon = datetime.combine(day, clock_time(12), ZoneInfo(school.current().zone))
    for minute in range(minutes):
        at = noon + timedelta(minutes=minute)
        factories.add(ActivityBeat(enrolment_id=enrolment.id, module_id="M01", lesson_id="m01-lesson-1", at=at))


def test_reading_after_the_cohort_or_before_the_enrolment_is_not_proposed_and_the_day_is_named(enrolled, instructor):
    with db.write():
        db.session.get_one(Cohort, enrolled.cohort_id).ends_on = days_ago(5)
    for day in (days_ago(21), days_ago(3)):
        read(enrolled, day)
        assert service.reading_to_propose(enrolled) == {}
    with pytest.raises(RuleBroken, match=f"{long_date(days_ago(21))} does not count"):
        service.propose_activity(enrolled.id, by=instructor.id)
    read(enrolled, days_ago(5))
    assert [entry.held_on for entry in service.propose_activity(enrolled.id, by=instructor.id)] == [days_ago(5)]


def test_who_approves_what_they_proposed_is_on_record_with_it(enrolled, instructor):
    other = factories.user(Role.INSTRUCTOR)
    factories.add(CohortInstructor(cohort_id=enrolled.cohort_id, user_id=other.id))
    own, strange = lab(enrolled, instructor)[0].id, lab(enrolled, other, start=3)[0].id
    service.decide([own, strange], approved=True, by=instructor.id)
    for entry_id, proposer, is_own in ((own, instructor.id, True), (strange, other.id, False)):
        sealed = json.loads(db.session.get_one(LedgerEntry, ledger_seq(entry_id)).text)["body"]["statement"]
        assert (sealed["proposed_by"], sealed["own_proposal"]) == (proposer, is_own)
        noted = db.session.query(AuditEvent).filter_by(action="hours.approved", subject_id=str(entry_id)).one()
        assert noted.detail == {"proposed_by": proposer, "own_proposal": is_own}


def test_students_of_another_cohort_cannot_be_put_on_the_roster(enrolled, instructor):
    other = factories.enrolment(factories.cohort())
    with pytest.raises(RuleBroken, match="student of this cohort"):
        service.propose_roster(
            enrolled.cohort_id,
            kind=Kind.LAB,
            held_on=school.today(),
            starts=factories.clock.now(),
            ends=factories.clock.now() + timedelta(hours=1),
            minutes={other.id: 60},
            by=instructor.id,
        )


def test_recorded_reading_of_finished_days_is_proposed_once(enrolled, instructor, time):
    for _ in range(9):
        time.forward(minutes=1)
        courses.beat(enrolled.id, "M01", "m01-lesson-1", by=enrolled.user_id)
    assert service.reading_to_propose(enrolled) == {}  # today is not over
    time.forward(days=2)
    assert sum(e.minutes for e in service.propose_activity(enrolled.id, by=instructor.id)) == 8
    with pytest.raises(RuleBroken, match="No recorded reading"):
        service.propose_activity(enrolled.id, by=instructor.id)


@pytest.mark.parametrize("statement", ["UPDATE clock_entry SET minutes = 999", "DELETE FROM clock_entry"])
def test_stored_hours_cannot_be_changed_through_sql(enrolled, instructor, statement):
    lab(enrolled, instructor)
    with pytest.raises(DBAPIError, match="may not change"), db.write():
        db.session.execute(text(statement))
