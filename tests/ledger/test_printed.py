"""The words on a page beside the words that were sealed."""

import pytest

from lms.ledger.printed import compare, on_page
from lms.ledger.types import State

PAGE = """Certificate of Completion
This records that
Wilhelmina Alexandra Konstantinopoulou-
van der Westhuizen, Jr.
100 clock hours in all
48.5 theory, online
Serial LGS-MTR-2026-000123-7"""


@pytest.mark.parametrize(
    "value",
    [
        "Wilhelmina Alexandra Konstantinopoulou-van der Westhuizen, Jr.",
        "100",
        "48.5",
        "LGS-MTR-2026-000123-7",
        "Certificate of Completion",
    ],
)
def test_what_is_printed_is_found_across_line_breaks(value: str):
    assert on_page(PAGE, "x", value).state is State.HOLDS


@pytest.mark.parametrize(
    "value",
    [
        "10",
        "00",
        "48",
        "5",
        "1000",
        "LGS-MTR-2026-000123-8",
        "GS-MTR-2026-000123-7",
        "wilhelmina",
        "Will",
        "",
        " ",
    ],
)
def test_what_is_not_printed_in_full_is_said(value: str):
    assert on_page(PAGE, "x", value).state is State.BROKEN


@pytest.mark.parametrize(
    ("page", "value"),
    [
        ("José", "Jose\u0301"),
        ("of\ufb01cer", "officer"),
        ("欧阳思远先生", "欧阳思远"),
        ("محمد\u200e الخطيب", "محمد الخطيب"),
        ("a\u00a0\u00a0b", "a b"),
    ],
)
def test_one_letter_in_two_spellings_is_one_letter(page: str, value: str):
    assert on_page(page, "x", value).state is State.HOLDS


def test_an_accent_on_the_page_is_another_letter():
    assert on_page("Jos\u0065\u0323 Peña", "x", "Jose Peña").state is State.BROKEN


def test_vowel_signs_that_a_pdf_moves_are_left_to_the_eye():
    assert on_page("लक्ष्मी श्री\u200bनिवासनि", "name", "लक्ष्मी श्रीनिवासन").state is State.UNKNOWN
    assert on_page("सीता", "name", "लक्ष्मी").state is State.BROKEN


def test_each_fact_and_each_printed_value_is_compared():
    document = {"document": {"facts": {"hours": "100", "serial": "X-1"}, "values": ["name"]}}
    found = compare("Ana Ruiz\n100 hours", document, {"name": "Ana Ruiz", "comment": "not printed"})
    assert [finding.state for finding in found] == [State.HOLDS, State.BROKEN, State.HOLDS]
    assert "serial" in found[1].text


def test_a_printed_value_that_was_left_out_of_the_file_is_said():
    found = compare("Ana", {"document": {"facts": {}, "values": ["name"]}}, {})
    assert [(f.state, f.code) for f in found] == [(State.BROKEN, "not_compared")]


@pytest.mark.parametrize(
    "statement",
    [{}, {"document": "x"}, {"document": {"facts": {}, "values": []}}, {"document": {"facts": {"a": "b"}}}],
)
def test_a_record_of_something_that_is_not_printed_does_not_vouch_for_a_page(statement: dict):
    assert [f.code for f in compare("page", statement, {})] == ["no_document"]
