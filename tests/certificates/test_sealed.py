from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.certificates import sealed

MINUTES = st.dictionaries(st.sampled_from(["theory_online", "theory_in_person", "lab"]), st.integers(0, 6000))


@given(MINUTES)
def test_the_printed_lines_add_up_to_the_printed_total(minutes: dict[str, int]):
    lines = sealed.clock_hours(minutes)
    assert sum(Decimal(line["hours"]) for line in lines) == Decimal(sealed.total(minutes))
    assert all(abs(Decimal(line["hours"]) * 60 - minutes[line["kind"]]) < 15 for line in lines)


@given(MINUTES)
def test_the_total_never_says_more_than_was_approved(minutes: dict[str, int]):
    said = Decimal(sealed.total(minutes)) * 60
    assert sum(minutes.values()) - 15 < said <= sum(minutes.values())


@pytest.mark.parametrize(
    ("minutes", "hours", "total"),
    [
        ({"theory_online": 440, "theory_in_person": 160, "lab": 480}, ["7.25", "2.75", "8"], "18"),
        ({"theory_online": 14, "lab": 60}, ["1"], "1"),
    ],
)
def test_a_quarter_that_rounding_would_lose_goes_to_the_nearest_kind(minutes, hours, total):
    assert [line["hours"] for line in sealed.clock_hours(minutes)] == hours
    assert sealed.total(minutes) == total
