from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.hours.rules import Kind, Span, clashes, day_of_class, day_problem, of_the_course, roster_problem, to_propose

NINE = datetime(2026, 11, 24, 17, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def span(start_hour: float, hours: float) -> Span:
    return Span(NINE + timedelta(hours=start_hour), NINE + timedelta(hours=start_hour + hours))


@pytest.mark.parametrize(
    ("class_", "minutes", "problem"),
    [
        (span(0, 2), 120, None),
        (span(0, 2), 100, None),
        (span(0, 2), 121, "too_many"),
        (span(0, 2), 0, "too_many"),
        (span(0, -1), 10, "backwards"),
        (span(0, 13), 10, "too_long"),
        (span(24, 2), 120, "future"),
        (span(13, 2), 120, "future"),
    ],
)
def test_a_roster_line_keeps_the_rules(class_, minutes, problem):
    assert roster_problem(class_, minutes, now=NINE + timedelta(hours=14)) == problem


def test_two_classes_at_the_same_time_clash_and_neighbours_do_not():
    assert clashes(span(1, 2), [span(0, 2)])
    assert not clashes(span(2, 2), [span(0, 2)])


DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))
MINUTES = st.dictionaries(DAYS, st.integers(0, 600), max_size=20)


@given(active=MINUTES, proposed=MINUTES, room=st.integers(-100, 2000))
def test_never_more_is_proposed_than_was_read_nor_than_the_plan_takes(active, proposed, room):
    found = to_propose(active, proposed, room=room)
    assert sum(found.values()) <= max(0, room)
    assert all(0 < minutes <= active[day] - proposed.get(day, 0) for day, minutes in found.items())


def test_the_oldest_reading_is_proposed_first():
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    assert to_propose({second: 50, first: 30}, {}, room=40) == {first: 30, second: 10}


FIRST, LAST = date(2026, 3, 2), date(2026, 6, 1)


@pytest.mark.parametrize(
    ("day", "today", "problem"),
    [
        (FIRST, TODAY, None),
        (LAST, TODAY, None),
        (date(2026, 3, 1), TODAY, "before"),
        (date(2026, 6, 2), TODAY, "after"),
        (date(2026, 4, 2), date(2026, 4, 1), "not_yet"),
        (date(2026, 4, 1), date(2026, 4, 1), None),
    ],
)
def test_a_day_counts_from_the_enrolment_to_the_end_of_the_cohort_once_it_has_come(day, today, problem):
    assert day_problem(day, first=FIRST, last=LAST, today=today) == problem


def test_a_roster_begins_with_today_or_the_last_day_of_a_cohort_that_is_over():
    assert day_of_class(first=FIRST, last=LAST, today=FIRST) == FIRST
    assert day_of_class(first=FIRST, last=LAST, today=LAST) == LAST
    assert day_of_class(first=FIRST, last=LAST, today=TODAY) == LAST


BY_KIND = st.fixed_dictionaries({kind.value: st.integers(0, 600) for kind in Kind})
THEORY = (Kind.THEORY_ONLINE, Kind.THEORY_IN_PERSON)


@given(BY_KIND, BY_KIND)
def test_the_hours_of_the_course_are_no_more_than_planned_and_no_kind_more_than_approved(planned, approved):
    counted = of_the_course(planned, approved)
    assert all(0 <= counted[kind] <= approved[kind] for kind in Kind)
    assert counted[Kind.LAB] == min(planned[Kind.LAB], approved[Kind.LAB])
    assert sum(counted[kind] for kind in THEORY) == min(
        sum(planned[kind] for kind in THEORY), sum(approved[kind] for kind in THEORY)
    )


@given(BY_KIND, BY_KIND)
def test_who_reached_each_kind_is_printed_the_plan(planned, more):
    assert of_the_course(planned, {kind: planned[kind] + more[kind] for kind in planned}) == planned


def test_theory_that_was_read_is_not_printed_as_attended():
    planned, approved = {"theory_online": 60, "theory_in_person": 60, "lab": 0}, {"theory_online": 120}
    assert of_the_course(planned, approved) == {
        "theory_online": 120,
        "theory_in_person": 0,
        "lab": 0,
        "final_practical": 0,
    }
