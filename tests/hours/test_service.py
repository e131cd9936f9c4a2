from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from lms.access import Role
from lms.courses import service as courses
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.hours import service
from lms.hours.models import ClockDecision
from lms.hours.rules import Kind, Totals
from lms.ledger import service as ledger
from lms.school import service as school
from tests import factories


@pytest.fixture
def instructor(app):
    return factories.user(Role.INSTRUCTOR)


@pytest.fixture
def enrolled(instructor):
    return factories.enrolment(factories.cohort(instructor))


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
    assert service.waiting_for(stranger) == []


def test_a_student_cannot_be_in_two_classes_at_once(enrolled, instructor):
    lab(enrolled, instructor)
    with pytest.raises(RuleBroken, match="already has hours at that time"):
        lab(enrolled, instructor, start=1)


def test_a_rejected_class_leaves_its_time_free(enrolled, instructor):
    service.decide([e.id for e in lab(enrolled, instructor)], approved=False, by=instructor.id)
    assert lab(enrolled, instructor)


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
