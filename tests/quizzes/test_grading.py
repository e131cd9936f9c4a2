import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.items import ItemType
from lms.quizzes import grading
from lms.quizzes.grading import Problem
from lms.quizzes.types import Score
from tests.quizzes.factories import item

SINGLE, MULTIPLE, TRUE_FALSE, NUMERIC = (
    item("Q1"),
    item("Q2", ItemType.MULTIPLE),
    item("Q3", ItemType.TRUE_FALSE),
    item("Q4", ItemType.NUMERIC),
)
SHOWN = ["d", "a", "c", "b"]


@pytest.mark.parametrize(("answer", "right"), [(["b"], True), (["a"], False), ([], False), (["a", "b"], False)])
def test_a_single_choice_is_right_when_the_one_right_option_was_chosen(answer, right):
    assert grading.correct(SINGLE, answer) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (["a", "c"], True),
        (["c", "a"], True),
        (["a"], False),
        (["a", "b", "c"], False),
        (["a", "a", "c"], False),
        ([], False),
    ],
)
def test_several_choices_count_all_or_nothing(answer, right):
    assert grading.correct(MULTIPLE, answer) is right


@pytest.mark.parametrize(("answer", "right"), [(["false"], True), (["true"], False), (["False"], False)])
def test_true_or_false_is_right_only_as_the_course_says(answer, right):
    assert grading.correct(TRUE_FALSE, answer) is right


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("73.25", True),
        ("73.75", True),
        ("72.75", True),
        (" 73.5 ", True),
        ("73.750", True),
        ("73.76", False),
        ("72.74", False),
        ("-73.25", False),
    ],
)
def test_a_number_is_right_within_the_tolerance_to_the_last_digit(typed, right):
    assert grading.correct(NUMERIC, [typed]) is right


def test_a_tenth_is_a_tenth_and_not_the_nearest_float():
    tenth = item("Q", ItemType.NUMERIC, value=0.1, tolerance=0.2)

    assert grading.correct(tenth, ["0.3"])
    assert not grading.correct(tenth, ["0.30000000000001"])


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("18", "18"),
        ("18.0", "18"),
        ("018", "18"),
        ("+18", "18"),
        (".5", "0.5"),
        ("18.", "18"),
        ("1,000", "1000"),
        ("12,345,678.9", "12345678.9"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("\t18 ", "18"),
    ],
)
def test_numbers_are_read_as_people_in_california_write_them(typed, means):
    assert grading.number(typed) == Decimal(means)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "eighteen",
        "18 years",
        "2,5",
        "1,00",
        "1,0000",
        "1.000,5",
        "1e3",
        "nan",
        "inf",
        "0x12",
        "1_000",
        "١٨",
        "18\x00",
        "1 000",
        "--1",
        ".",
        "9" * 10_000,
    ],
)
def test_what_is_no_number_is_refused(typed):
    assert grading.number(typed) is None


@given(st.text())
def test_no_text_at_all_breaks_the_reader_of_numbers(typed):
    number = grading.number(typed)

    assert number is None or number.is_finite()


def test_an_answer_is_kept_in_the_order_the_options_were_shown():
    assert grading.read(MULTIPLE, SHOWN, ["a", "d", "a"]) == ["d", "a"]


def test_an_empty_answer_takes_the_answer_back():
    assert grading.read(MULTIPLE, SHOWN, []) == []
    assert grading.read(NUMERIC, [], [" "]) == []


def test_what_is_no_answer_is_told_apart():
    assert grading.read(SINGLE, SHOWN, ["z"]) is Problem.NOT_AN_OPTION
    assert grading.read(SINGLE, SHOWN, ["a", "b"]) is Problem.ONE_ONLY
    assert grading.read(TRUE_FALSE, ["true", "false"], ["true", "false"]) is Problem.ONE_ONLY
    assert grading.read(NUMERIC, [], ["soon"]) is Problem.NOT_A_NUMBER
    assert grading.read(NUMERIC, [], ["1", "2"]) is Problem.NOT_A_NUMBER


def test_an_unanswered_question_counts_in_the_total():
    assert grading.score([SINGLE, MULTIPLE, NUMERIC], {"Q1": ["b"], "Q4": ["73"]}) == Score(2, 3)


@pytest.mark.parametrize(
    ("total", "percent", "needed"),
    [(10, 90, 9), (15, 90, 14), (10, 80, 8), (7, 80, 6), (3, 67, 3), (1, 1, 1), (3, 0, 0)],
)
def test_a_part_of_an_answer_counts_as_a_whole_one(total, percent, needed):
    assert grading.needed(total, percent) == needed


def test_an_empty_quiz_is_never_passed():
    assert not grading.passed(Score(0, 0), 0)


@given(st.integers(1, 500), st.integers(0, 100))
def test_what_is_needed_is_the_smallest_count_that_reaches_the_percentage(total, percent):
    needed = grading.needed(total, percent)

    assert needed == math.ceil(Decimal(total * percent) / 100)
    assert grading.passed(Score(needed, total), percent)
    assert needed == 0 or not grading.passed(Score(needed - 1, total), percent)


@given(st.sets(st.sampled_from("abcd")))
def test_exactly_one_set_of_choices_is_right(chosen):
    assert grading.correct(MULTIPLE, sorted(chosen)) is (chosen == {"a", "c"})


@given(st.dictionaries(st.sampled_from(["Q1", "Q2", "Q3", "Q4"]), st.lists(st.sampled_from("abcd"), max_size=4)))
def test_a_score_is_between_nothing_and_everything(answers):
    score = grading.score([SINGLE, MULTIPLE, TRUE_FALSE, NUMERIC], answers)

    assert 0 <= score.correct <= score.total == 4
