from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.items import PLAYED, ItemType
from lms.catalog.types import Module
from lms.quizzes import rules
from lms.quizzes.rules import Reason, Unreleased
from lms.quizzes.types import Score, Try
from tests.quizzes.factories import edition, item, module, option

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
WAIT = timedelta(minutes=30)
READ = {(f"{m}-lesson", step) for m in ("M01", "M02") for step in ("one", "two")}


def bank(sizes: dict[str, int], draw: int) -> Module:
    items = [item(f"{objective}-{n}", objective=objective) for objective, size in sizes.items() for n in range(size)]
    return module("M01", items, draw=draw)


def drawn(of: Module, seed: int = 1, earlier=()) -> list[str]:
    return [line["item"] for line in rules.draw(of, Random(seed), earlier)]


# ---- drawing ----------------------------------------------------------------------------------------------------
@given(
    st.dictionaries(st.sampled_from(["O1", "O2", "O3", "O4"]), st.integers(1, 6), min_size=1),
    st.integers(1, 12),
    st.integers(),
)
def test_every_objective_comes_before_any_comes_twice(sizes, draw, seed):
    items = drawn(bank(sizes, draw), seed)
    per_objective = Counter(name.split("-")[0] for name in items)

    assert len(items) == len(set(items)) == min(draw, sum(sizes.values()))
    assert len(per_objective) == min(len(sizes), draw)


@given(st.integers(), st.sets(st.sampled_from([f"O1-{n}" for n in range(6)])))
def test_a_retake_rather_takes_what_the_last_attempt_did_not_have(seed, earlier):
    items = drawn(bank({"O1": 6}, draw=3), seed, earlier)

    assert len(set(items) & earlier) == max(0, 3 - (6 - len(earlier)))


def test_the_same_random_source_draws_the_same_form_and_another_one_another():
    of = bank({"O1": 9, "O2": 9}, draw=8)

    assert rules.draw(of, Random(7)) == rules.draw(of, Random(7))
    assert len({tuple(drawn(of, seed)) for seed in range(20)}) > 10


@pytest.mark.parametrize("kind", sorted(set(ItemType) - PLAYED))
def test_what_a_quiz_cannot_ask_stays_in_the_bank(kind):
    waiting = replace(item("O1-waits", objective="O1"), type=kind)
    asked = item("O1-asked", objective="O1")
    assert drawn(module("M01", [waiting, asked], draw=2)) == ["O1-asked"]


def test_each_line_of_a_form_names_the_state_of_its_item():
    assert all(line["hash"] == f"hash-of-{line['item']}" for line in rules.draw(bank({"O1": 3}, 3), Random(1)))


def test_options_are_shuffled():
    orders = {tuple(rules.option_order(item("Q"), Random(seed))) for seed in range(50)}

    assert len(orders) > 10
    assert all(sorted(order) == ["a", "b", "c", "d"] for order in orders)


def test_true_stands_before_false_always():
    of = item("Q", ItemType.TRUE_FALSE)

    assert {tuple(rules.option_order(of, Random(seed))) for seed in range(20)} == {("true", "false")}


@pytest.mark.parametrize(
    ("texts", "scale"),
    [
        (["5 seconds", "20 seconds", "1,000 seconds"], True),
        (["$9.50", "$3"], True),
        (["30 min", "5 min", "60 min"], False),
        (["2 people", "Two people"], False),
        (["The PT", "The PTA"], False),
        (["1", "1"], False),
    ],
)
def test_numbers_from_low_to_high_or_high_to_low_are_a_scale_and_keep_their_order(texts, scale):
    options = tuple(option("Q", str(n), False, words) for n, words in enumerate(texts))
    of = replace(item("Q"), options=options)

    assert rules.is_scale(of) is scale
    if scale:
        assert rules.option_order(of, Random(3)) == [str(n) for n in range(len(texts))]


# ---- tries ------------------------------------------------------------------------------------------------------
def tried(number: int, right: int | None, *, passed: bool = False, ago: int = 60) -> Try:
    at = None if right is None else NOW - timedelta(minutes=ago)
    return Try(number, number, at, passed, None if right is None else Score(right, 4))


def stands(*tries: Try, allowed: int = 3):
    return rules.standing(tries, allowed, WAIT)


def why(standing, *, steps=READ, passed=(), learning=True, module_id="M01"):
    course = edition()
    refused = rules.refusal(
        standing, course.module(module_id), course, learning=learning, steps=steps, passed=passed, now=NOW
    )
    return refused and refused.reason


def test_who_has_read_all_lessons_may_start():
    assert why(stands()) is None


def test_lessons_come_first_and_the_refusal_counts_them():
    course = edition()
    refused = rules.refusal(
        stands(), course.module("M01"), course, learning=True, steps={("M01-lesson", "one")}, passed=(), now=NOW
    )

    assert (refused.reason, refused.left, refused.total) == (Reason.LESSONS, 1, 1)


def test_the_quiz_of_an_earlier_module_must_be_passed():
    assert why(stands(), module_id="M02") is Reason.QUIZZES
    assert why(stands(), module_id="M02", passed={"M01"}) is None


def test_a_passed_quiz_is_not_taken_again():
    assert why(stands(tried(1, 4, passed=True))) is Reason.PASSED


def test_after_a_try_the_next_one_waits():
    standing = stands(tried(1, 2, ago=10))

    assert why(standing) is Reason.WAIT
    assert standing.next_at == NOW + timedelta(minutes=20)
    assert why(stands(tried(1, 2, ago=30))) is None


def test_after_the_last_try_none_is_left():
    standing = stands(tried(1, 1), tried(2, 2), tried(3, 0))

    assert why(standing) is Reason.NONE_LEFT
    assert (standing.attempts_left, standing.next_at) == (0, None)


def test_who_is_on_leave_starts_nothing():
    assert why(stands(), learning=False) is Reason.NOT_ACTIVE


def test_the_best_try_counts_and_not_the_last():
    assert stands(tried(1, 3), tried(2, 1)).best == Score(3, 4)


def test_fewer_tries_of_course_or_school_are_the_tries():
    assert rules.allowed(bank({"O1": 1}, 1), policy=2) == 2
    assert rules.allowed(bank({"O1": 1}, 1), policy=9) == 3


# ---- a further try that an instructor releases ------------------------------------------------------------------
def released(*tries: Try) -> list[Try]:
    return [*tries[:-1], replace(tries[-1], further=True)]


USED_UP = (tried(1, 1), tried(2, 2), tried(3, 0, ago=5))


@given(st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_a_release_gives_one_try_to_who_has_none_left_and_nothing_to_who_has_some(used, allowed, further):
    left, without = (rules.attempts_left(used, allowed, further=f) for f in (further, False))

    assert without == (allowed - used if used < allowed else 0)
    assert left == (1 if further and used >= allowed else without)


@given(st.integers(1, 4), st.lists(st.sampled_from(["try", "release"]), max_size=25))
def test_whatever_is_tried_and_released_no_try_goes_beyond_the_rules_and_the_releases(most, acts):
    tries, given_out = [], 0
    for act in acts:
        state = rules.standing(tries, most, WAIT)
        if act == "try" and state.attempts_left:
            tries.append(tried(len(tries) + 1, 1))
        if act == "release" and rules.release_refusal(state, learning=True) is None:
            tries, given_out = released(*tries), given_out + 1
        state = rules.standing(tries, most, WAIT)
        assert state.used + state.attempts_left == max(most, state.used + int(state.further)) == state.allowed
        assert state.used + state.attempts_left <= most + given_out
    assert given_out <= max(0, len(tries) - most) + 1, "no second release while the first is unused"


@given(st.integers(0, 5), st.integers(1, 4), st.booleans(), st.booleans())
def test_a_passed_quiz_has_no_try_left_whatever_was_released(more, most, further, learning):
    tries = [*(tried(n, 1) for n in range(1, more + 1)), replace(tried(more + 1, 4, passed=True), further=further)]
    state = rules.standing(tries, most, WAIT)

    assert (state.attempts_left, state.further) == (0, False)
    assert rules.release_refusal(state, learning=learning) is Unreleased.PASSED


def test_a_released_try_may_start_at_once_and_hides_the_key_again():
    state = stands(*released(*USED_UP))

    assert why(stands(*USED_UP)) is Reason.NONE_LEFT
    assert why(state) is None
    assert (state.used, state.allowed, state.attempts_left) == (3, 4, 1)
    assert not rules.key_released(state)


def test_after_the_released_try_none_is_left_again():
    state = stands(*released(*USED_UP), tried(4, 1))

    assert why(state) is Reason.NONE_LEFT
    assert (state.used, state.allowed, state.attempts_left) == (4, 4, 0)


def test_a_released_try_counts_also_where_the_school_allows_fewer_tries_since():
    assert stands(*released(*USED_UP), allowed=2).attempts_left == 1


def test_where_the_school_allows_more_since_the_wait_counts_as_ever():
    state = stands(*released(*USED_UP), allowed=5)

    assert (state.attempts_left, state.further) == (2, False)
    assert why(state) is Reason.WAIT


@pytest.mark.parametrize(
    ("tries", "learning", "refused"),
    [
        (USED_UP, True, None),
        (USED_UP, False, Unreleased.NOT_ACTIVE),
        (released(*USED_UP), True, Unreleased.RELEASED),
        (USED_UP[:2], True, Unreleased.LEFT),
        ((), True, Unreleased.LEFT),
        ((*USED_UP[:2], tried(3, None)), True, Unreleased.RUNNING),
        ((*USED_UP[:2], tried(3, 4, passed=True)), True, Unreleased.PASSED),
    ],
)
def test_a_further_try_is_released_when_all_are_used_up_and_once(tries, learning, refused):
    assert rules.release_refusal(stands(*tries), learning=learning) is refused


# ---- what may be told -------------------------------------------------------------------------------------------
def test_the_key_is_told_once_it_helps_no_further_try():
    assert not rules.key_released(stands(tried(1, 1)))
    assert not rules.key_released(stands(tried(1, 1), tried(2, 1), tried(3, None))), "the last try still runs"
    assert rules.key_released(stands(tried(1, 1), tried(2, 1), tried(3, 1)))
    assert rules.key_released(stands(tried(1, 1), tried(2, 4, passed=True)))


@pytest.mark.parametrize(
    ("page", "policy", "reviewed", "shown"),
    [
        ("en", "both", False, ("en",)),
        ("es", "both", False, ("es", "en")),
        ("es", "both", True, ("es",)),
        ("es", "en", False, ("en",)),
        ("en", "es", True, ("es",)),
        ("es", "es", False, ("es", "en")),
    ],
)
def test_spanish_that_nobody_reviewed_stands_beside_the_english(page, policy, reviewed, shown):
    assert rules.languages(page, policy, reviewed=reviewed) == shown
