from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.certificates import rules
from lms.certificates.rules import ALPHABET, Status

SERIALS = st.builds(
    rules.serial,
    st.sampled_from(["LGS", "AB", "ZZZZZ"]),
    st.sampled_from(["MTR", "SYN"]),
    st.integers(2000, 2999),
    st.integers(1, 999_999),
)


def test_a_serial_reads_as_printed():
    assert rules.serial("LGS", "MTR", 2026, 123) == "LGS-MTR-2026-000123-7"


@given(SERIALS, st.data())
def test_one_wrong_digit_is_caught(serial: str, data: st.DataObject):
    places = [at for at, letter in enumerate(serial) if letter.isdigit()]
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != serial[at]]))
    assert not rules.valid_serial(serial[:at] + other + serial[at + 1 :])


@given(SERIALS, st.data())
def test_two_swapped_digits_are_caught(serial: str, data: st.DataObject):
    digits = [at for at, letter in enumerate(serial) if letter.isdigit()]
    first, second = data.draw(st.sampled_from(list(pairwise(digits))))
    swapped = list(serial)
    swapped[first], swapped[second] = serial[second], serial[first]
    assert rules.valid_serial("".join(swapped)) is (serial[first] == serial[second])


@given(SERIALS)
def test_case_spaces_and_other_dashes_are_forgiven(serial: str):
    for typed in (serial.lower(), f"  {serial} ", serial.replace("-", " "), serial.replace("-", "–")):
        assert rules.normal_serial(typed) == serial


@pytest.mark.parametrize("text", ["", "LGS", "LGS-MTR-2026-000123", "LGS-MTR-2026-000123-77", "x" * 500, "١٢٣"])
def test_what_is_no_serial_is_none(text: str):
    assert rules.normal_serial(text) is None


@pytest.mark.parametrize("title", ["PTA", "RMT", "LMT", "CMT"])
def test_no_serial_looks_like_a_title(title: str):
    with pytest.raises(ValueError, match="no serial"):
        rules.serial(title, "MTR", 2026, 1)
    with pytest.raises(ValueError, match="no serial"):
        rules.serial("LGS", title, 2026, 1)


@given(st.text(ALPHABET, min_size=26, max_size=26))
def test_a_token_survives_case_and_look_alikes(token: str):
    typed = token.lower().replace("0", "o").replace("1", "l")
    assert rules.normal_token(typed) == rules.normal_token(token.casefold()) == token


def test_a_token_of_another_length_is_none():
    assert rules.normal_token("A" * 25) is None
    assert rules.normal_token("U" * 26) is None


@given(st.text(), st.text(), st.text(ALPHABET))
def test_another_printed_word_is_another_check_code(one: str, other: str, token: str):
    code = rules.check_code(one, token)
    assert len(code) == 9
    assert one == other or rules.check_code(other, token) != code


@pytest.mark.parametrize(
    ("revoked", "newer", "status"),
    [
        (False, False, Status.VALID),
        (True, False, Status.REVOKED),
        (True, True, Status.SUPERSEDED),
    ],
)
def test_states(revoked: bool, newer: bool, status: Status):
    assert rules.status(revoked=revoked, newer=newer) is status


def test_initials_hide_the_name():
    assert rules.initials("Maya de la Cruz") == "M. d. l. C."
