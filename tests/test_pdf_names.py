"""Which face prints a name, how large, on how many lines; and which names are refused, in words."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.pdf_names import (
    DoesNotFit,
    MixedScripts,
    PdfRefused,
    UnprintableName,
    detail_class,
    face,
    fit,
    printable,
    spelled,
    split,
)
from tests import papers

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def our_fonts() -> None:
    papers.use_fonts()


@pytest.mark.parametrize(
    ("name", "lang", "expected"),
    [
        ("Maya Okafor", None, "Display"),
        ("Zoë Kłosińska-Őrségi", None, "Display"),
        ("Nguyễn Thị Phương Thảo", "vi", "Display"),
        ("Chukwuẹ́meka Ọláṣubòmí Àjàyí", "yo", "Broad"),
        ("Владимир Константинопольский", "ru", "Broad"),
        ("محمد عبد الرحمن الخطيب", "ar", "Arabic"),
        ("लक्ष्मी श्रीनिवासन", "hi", "Deva"),
        ("欧阳思远", "zh-Hans", "Han SC"),
        ("渡邉", "ja", "Han JP"),
        ("渡邉 さくら", None, "Han JP"),
        ("남궁 서연", None, "Hangul"),
        ("金", "ko", "Hangul"),
        ("Sakura Watanabe", "ja", "Display"),
    ],
)
def test_one_face_prints_the_whole_name(name, lang, expected):
    assert face(name, lang) == expected


def test_a_name_without_letters_of_ours_is_refused_and_its_characters_are_named():
    with pytest.raises(UnprintableName) as refused:
        printable("Dana דן")
    assert refused.value.characters == ("U+05D3 hebrew letter dalet", "U+05DF hebrew letter final nun")
    assert "U+05D3 hebrew letter dalet" in str(refused.value)


@pytest.mark.parametrize("name", ["Ana 😀", "Ana\u202etxt", "Ana \ue000", "A\x00na"])
def test_pictures_and_controls_are_no_names(name):
    with pytest.raises(UnprintableName, match=r"U\+"):
        printable(name)


def test_a_name_in_two_scripts_that_no_face_holds_is_sent_to_the_second_name():
    with pytest.raises(MixedScripts, match="second name"):
        face("محمد 欧阳")


def test_short_names_are_large_and_long_ones_smaller_on_two_lines():
    assert fit("Al Wu").size == 44
    long = fit("Wilhelmina Alexandra Konstantinopoulou-Featherstonehaugh van der Westhuizen, Jr.")
    assert long.size < 27
    assert long.lines == ("Wilhelmina Alexandra Konstantinopoulou-Featherstonehaugh", "van der Westhuizen, Jr.")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("María de los Ángeles Hernández", ("María", "de los Ángeles Hernández")),
        ("Juan P. Fernández Ortega", ("Juan", "P. Fernández Ortega")),
        ("Jan van der Berg", ("Jan", "van der Berg")),
        ("Prince", ("Prince",)),
    ],
)
def test_a_line_never_ends_with_a_particle_or_an_initial(name, lines):
    assert all(part in " ".join(split(name, "Display")) for part in lines)
    assert split(name, "Display")[0].split(" ")[-1].lower() not in {"de", "los", "van", "der", "p."}


def test_eighty_letters_without_a_space_do_not_fit():
    with pytest.raises(DoesNotFit, match="add a space"):
        printable("X" * 80)


def test_spaces_are_tidied_and_accents_composed():
    assert fit("  Jose\u0301   Luna ").lines == ("José Luna",)


def test_arabic_is_set_from_right_to_left():
    assert fit("محمد الخطيب", "ar").rtl
    assert not fit("Maya Okafor").rtl


def test_small_print_changes_its_face_only_where_it_must():
    assert detail_class("Elena Marchetti") == ""
    assert detail_class("Nguyễn Thị Phương Thảo") == "f-display"


def test_free_words_spell_out_what_no_face_can_draw():
    assert spelled("Good work 😀, Ñandú 欧\nnext") == "Good work [U+1F600], Ñandú 欧\nnext"


@given(st.text(min_size=1, max_size=120))
def test_any_text_is_printable_or_refused_with_a_sentence(name):
    refused = _refusal(name)
    assert refused is None or refused.endswith(".")


def _refusal(name: str) -> str | None:
    try:
        return printable(name)
    except PdfRefused as refused:
        return str(refused)


def test_names_are_checked_without_the_renderer():
    code = (
        "import sys, lms.pdf_names, lms.certificates.document, lms.practicals.document;"
        "sys.exit(bool({'weasyprint', 'flask', 'sqlalchemy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
