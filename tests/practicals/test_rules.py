"""The verdict is the rules' alone: safety steps first, then points, then the overall rating."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import RuleBroken
from lms.practicals import rules
from lms.practicals.rules import Mark, Proof, State, Verdict
from tests import synthetic

SKILL = synthetic.skill(1, "M01", steps=6)  # 01 and 04 are safety steps of 2 points; 02 and 05 may not apply
LENIENT = replace(SKILL, pass_percent=50)  # the points alone would let a missed safety step through
OWN = {step.id: Mark.INDEPENDENT for step in SKILL.steps}
SHOWN, NOT_YET = Verdict.DEMONSTRATED, Verdict.NOT_YET
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def verdict(rating: int = 4, **marks: Mark) -> Verdict:
    return rules.verdict(SKILL, OWN | {key.replace("_", "-"): mark for key, mark in marks.items()}, rating).verdict


def test_all_steps_on_their_own_are_demonstrated():
    outcome = rules.verdict(SKILL, OWN, 4)
    assert (outcome.verdict, outcome.points, outcome.possible, outcome.needed) == (SHOWN, 8, 8, 7)
    assert outcome.critical_missed == ()


def test_a_prompted_safety_step_is_not_yet_and_named():
    outcome = rules.verdict(LENIENT, OWN | {"S01-04": Mark.PROMPTED}, 5)
    assert outcome.points > outcome.needed
    assert outcome.verdict is NOT_YET
    assert outcome.critical_missed == ("S01-04",)


def test_one_prompt_of_eight_points_is_allowed_and_two_are_not():
    assert verdict(S01_02=Mark.PROMPTED) is SHOWN
    assert verdict(S01_02=Mark.PROMPTED, S01_03=Mark.PROMPTED) is NOT_YET


def test_a_step_that_does_not_apply_leaves_the_sum_smaller():
    outcome = rules.verdict(SKILL, OWN | {"S01-02": Mark.NOT_APPLICABLE}, 3)
    assert (outcome.points, outcome.possible, outcome.needed) == (7, 7, 6)
    assert outcome.verdict is SHOWN


def test_needed_points_are_rounded_up():
    outcome = rules.verdict(SKILL, OWN | {"S01-02": Mark.NOT_APPLICABLE, "S01-05": Mark.NOT_APPLICABLE}, 3)
    assert (outcome.possible, outcome.needed) == (6, 5)


@pytest.mark.parametrize(("rating", "expected"), [(1, NOT_YET), (2, NOT_YET), (3, SHOWN), (4, SHOWN), (5, SHOWN)])
def test_the_overall_rating_must_reach_three(rating: int, expected: Verdict):
    assert verdict(rating) is expected


def test_a_rating_of_one_is_not_yet_even_where_the_checklist_asks_for_one():
    assert rules.verdict(replace(SKILL, min_rating=1), OWN, 1).verdict is NOT_YET


def test_open_steps_are_named():
    with pytest.raises(RuleBroken, match="S01-02, S01-05"):
        rules.verdict(SKILL, {key: mark for key, mark in OWN.items() if key not in ("S01-02", "S01-05")}, 4)


def test_a_step_that_always_applies_cannot_be_left_out():
    with pytest.raises(RuleBroken, match="S01-03"):
        verdict(S01_03=Mark.NOT_APPLICABLE)


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_other_ratings_do_not_exist(rating: int):
    with pytest.raises(RuleBroken):
        verdict(rating)


def test_where_nothing_applied_nothing_was_shown():
    optional = tuple(step for step in SKILL.steps if step.na_allowed)
    skill = replace(SKILL, steps=optional)
    assert rules.verdict(skill, {s.id: Mark.NOT_APPLICABLE for s in optional}, 5).verdict is NOT_YET


def any_marks(draw: st.DrawFn) -> dict[str, Mark]:
    allowed = {step.id: [mark for mark in Mark if rules.may_mark(step, mark)] for step in SKILL.steps}
    return {key: draw(st.sampled_from(choices)) for key, choices in allowed.items()}


marks_strategy = st.composite(any_marks)()


@given(
    marks_strategy,
    st.sampled_from(rules.RATINGS),
    st.sampled_from(["S01-01", "S01-04"]),
    st.sampled_from(["prompted", "not_yet"]),
)
def test_a_safety_step_not_on_their_own_is_never_demonstrated(marks, rating, step, mark):
    assert rules.verdict(LENIENT, marks | {step: Mark(mark)}, rating).verdict is NOT_YET


@given(marks_strategy, st.sampled_from(rules.RATINGS))
def test_demonstrated_means_all_three_rules_hold(marks, rating):
    found = rules.verdict(LENIENT, marks, rating)
    safe = all(marks[step.id] is Mark.INDEPENDENT for step in SKILL.steps if step.critical)
    enough = found.points * 100 >= LENIENT.pass_percent * found.possible
    assert (found.verdict is SHOWN) == (safe and enough and rating >= 3)


@given(marks_strategy, st.sampled_from(rules.RATINGS))
def test_a_better_mark_never_takes_a_verdict_away(marks, rating):
    if rules.verdict(SKILL, marks, rating).verdict is SHOWN:
        for step in SKILL.steps:
            assert rules.verdict(SKILL, marks | {step.id: Mark.INDEPENDENT}, rating).verdict is SHOWN


@given(marks_strategy)
def test_only_a_rating_of_three_or_more_can_be_demonstrated(marks):
    assert rules.verdict(SKILL, marks, 2).verdict is NOT_YET


def test_steps_left_and_safety_steps_left_are_counted():
    assert rules.left(SKILL, {}) == (6, 2)
    assert rules.left(SKILL, {"S01-01": Mark.NOT_YET}) == (5, 1)
    assert rules.left(SKILL, OWN) == (0, 0)


def opening(**changes):
    given = {"passed": {"M02"}, "shown": {"S01"}, "tries": 0, "allowed": 3}
    return rules.opening(synthetic.skill(2, "M02", steps=3, after=("S01",)), **{**given, **changes})


def test_a_skill_opens_after_its_quiz_and_its_earlier_skills():
    assert opening().is_open
    assert opening(passed={"M01"}).modules == ("M02",)
    assert opening(shown=set()).skills == ("S01",)
    assert not opening(passed=set()).is_open
    assert not opening(shown=set()).is_open


def test_a_skill_closes_when_it_is_signed_or_the_tries_are_used():
    assert not opening(shown={"S01", "S02"}).is_open
    assert opening(tries=2).left == 1
    assert not opening(tries=3).is_open


def test_a_proof_holds_for_a_moment():
    within = timedelta(minutes=2)
    assert Proof("password", NOON).holds(NOON + within, within)
    assert not Proof("password", NOON).holds(NOON + within + timedelta(seconds=1), within)
    assert not Proof("password", NOON + timedelta(seconds=1)).holds(NOON, within)


def test_the_state_of_a_skill_follows_its_newest_sheet():
    assert rules.state(SHOWN, answered=True, is_open=False) is State.SIGNED
    assert rules.state(SHOWN, answered=False, is_open=False) is State.HALF
    assert rules.state(NOT_YET, answered=True, is_open=True) is State.NOT_YET
    assert rules.state(None, answered=False, is_open=True) is State.NONE
    assert rules.state(None, answered=False, is_open=False) is State.LOCK
