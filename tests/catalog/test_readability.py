"""How hard a text is to read: words whose syllables are known, sentences, and texts that get harder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.formats.plain import plain
from lms.catalog.formats.readability import english_syllables, read, sentences, spanish_syllables

ENGLISH = {
    "table": 2,
    "made": 1,
    "called": 1,
    "wanted": 2,
    "hands": 1,
    "services": 3,
    "massage": 2,
    "patient": 2,
    "the": 1,
}
SPANISH = {
    "paciente": 3,
    "fisioterapeuta": 6,
    "guantes": 2,
    "quiere": 2,
    "día": 2,
    "leer": 2,
    "caída": 3,
    "vergüenza": 3,
    "hoy": 1,
    "y": 1,
    "muy": 1,
    "ley": 1,
    "rehabilitación": 6,
}


@pytest.mark.parametrize(("word", "count"), ENGLISH.items())
def test_an_english_word_has_its_syllables(word: str, count: int) -> None:
    assert english_syllables(word) == count


@pytest.mark.parametrize(("word", "count"), SPANISH.items())
def test_a_spanish_word_has_its_syllables(word: str, count: int) -> None:
    assert spanish_syllables(word) == count


def test_titles_and_decimals_end_no_sentence() -> None:
    assert sentences("Ask Mr. Osei. Wait 1.5 minutes.") == ["Ask Mr Osei", "Wait 15 minutes"]


def test_long_words_in_long_sentences_are_harder_in_both_languages() -> None:
    easy, hard = (
        "Wash your hands. Dry them.",
        "Comprehensive decontamination necessitates methodological consistency always.",
    )
    assert read(hard, "en").grade > read(easy, "en").grade + 5
    easy, hard = (
        "Lave sus manos. Seque bien.",
        "La descontaminación metodológica necesariamente requiere interdisciplinariedad.",
    )
    assert read(hard, "es").ease < read(easy, "es").ease - 30


def test_nothing_to_read_is_no_error() -> None:
    assert read("", "en").grade == 0
    assert read("…", "es").ease == 100


@given(st.text())
def test_any_text_can_be_measured(text: str) -> None:
    for lang in ("en", "es"):
        found = read(text, lang)
        assert found.syllables >= found.words >= found.sentences


def test_a_step_is_read_without_its_marks() -> None:
    markdown = (
        "Follow the [[plan-of-care|plan of care]] first. {law established R-A}\n\n![Two hands.](figure:hands)\n\n"
        "| Order | Means |\n|---|---|\n| **NWB** | none |\n\n::: check How long?\n- [x] Twenty\n> Sing [twice](https://x.example).\n:::"
    )
    assert plain(markdown).split("\n") == [
        "Follow the plan of care first.",
        "Two hands.",
        "",
        "Order",
        "Means",
        "",
        "",
        "NWB",
        "none",
        "",
        "How long?",
        "Twenty",
        "Sing twice.",
    ]
    assert plain(markdown, "term").startswith("Follow the term first.")
