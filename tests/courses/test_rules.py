from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.courses import rules
from lms.courses.rules import Place
from tests import synthetic

EDITION = synthetic.edition()
M01, M02 = EDITION.modules
NOON = datetime(2026, 11, 24, 20, tzinfo=UTC)
PLANNED = {"m01-lesson-1": 12}


def minutes(beats, **changes):
    settings = {"zone": "America/Los_Angeles", "idle": timedelta(minutes=5), "cap_percent": 150, "daily_cap": 480}
    return rules.active_minutes(beats, lesson_minutes=PLANNED, **(settings | changes))


def all_of(*modules):
    return {(lesson.id, step.id) for m in modules for lesson in m.lessons for step in lesson.steps}


def test_a_lesson_is_complete_after_all_its_steps():
    lesson = M01.lessons[0]
    assert not rules.lesson_done(lesson, {(lesson.id, "step-1")})
    assert rules.lesson_done(lesson, {(lesson.id, "step-1"), (lesson.id, "step-2")})


def test_steps_of_another_lesson_with_the_same_name_do_not_count():
    assert rules.steps_left(M01.lessons[1], all_of(M02)) == 2


def test_a_module_waits_for_the_one_before():
    assert rules.waits_for(M02, EDITION, set()) == [M01]
    assert rules.waits_for(M02, EDITION, all_of(M01)) == []


def test_the_student_goes_on_where_they_stopped():
    place = Place("M01", "m01-lesson-2", "step-1")
    assert rules.next_place(EDITION, set(), place) == place
    assert rules.next_place(EDITION, {("m01-lesson-2", "step-1")}, place) == Place("M01", "m01-lesson-1", "step-1")


def test_there_is_no_next_place_when_everything_is_read():
    assert rules.next_place(EDITION, all_of(M01, M02), None) is None


def test_the_last_step_of_a_module_leads_nowhere_further():
    assert rules.following(EDITION, Place("M01", "m01-lesson-2", "step-2")) is None
    assert rules.following(EDITION, Place("M01", "m01-lesson-1", "step-2")) == Place("M01", "m01-lesson-2", "step-1")


def test_reading_counts_up_to_the_idle_limit():
    beats = [("m01-lesson-1", NOON + timedelta(minutes=m)) for m in (0, 3, 13)]
    assert minutes(beats) == {date(2026, 11, 24): 8}


def test_a_long_silence_begins_a_new_sitting():
    assert minutes([("m01-lesson-1", NOON), ("m01-lesson-1", NOON + timedelta(hours=2))]) == {}


def test_a_lesson_counts_at_most_half_as_much_again_as_planned():
    beats = [("m01-lesson-1", NOON + timedelta(minutes=m)) for m in range(60)]
    assert minutes(beats) == {date(2026, 11, 24): 18}


def test_days_are_the_schools_days():
    late = datetime(2026, 11, 25, 7, 58, tzinfo=UTC)  # two minutes to midnight in California
    assert minutes([("m01-lesson-1", late), ("m01-lesson-1", late + timedelta(minutes=1))]) == {date(2026, 11, 24): 1}


@given(st.lists(st.integers(0, 5000), max_size=40), st.integers(0, 60))
def test_reading_never_counts_more_than_passed_nor_more_than_a_day_allows(offsets, cap):
    beats = [("m01-lesson-1", NOON + timedelta(seconds=s)) for s in sorted(offsets)]
    counted = sum(minutes(beats, daily_cap=cap).values())
    passed = (max(offsets) - min(offsets)) // 60 if offsets else 0
    assert 0 <= counted <= min(passed, 2 * cap, 18)
