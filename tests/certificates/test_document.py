"""The certificate prints every field it must, in both languages, for every name we can draw; else it says why not."""

import os
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from lms.certificates.document import certificate_html
from lms.certificates.types import CertificateFacts
from lms.pdf_names import PdfRefused, UnprintableName, printable
from tests import papers

papers.use_fonts()

from lms import pdf  # noqa: E402 - importing it asks for the fonts

pytestmark = pytest.mark.once
NAMES: list[tuple[str, str | None]] = [
    ("Al Wu", None),
    ("Maya Okafor", None),
    ("D’Angelo O'Brien III", None),
    ("Zoë Kłosińska-Őrségi", None),
    ("María de los Ángeles Hernández-Villaseñor y Gutiérrez", None),
    ("Wilhelmina Alexandra Konstantinopoulou-Featherstonehaugh van der Westhuizen, Jr.", None),
    ("Ana Isabel Fernández de Córdoba y Álvarez de Toledo-Figueroa Ponce de León", None),
    ("Ŵ" * 20, None),
    ("Nguyễn Thị Phương Thảo", "vi"),
    ("Chukwuẹ́meka Ọláṣubòmí Àjàyí", "yo"),
    ("Владимир Константинопольский", "ru"),
    ("Γεώργιος Παπαδόπουλος", "el"),
    ("محمد عبد الرحمن الخطيب", "ar"),
    ("محمد عبد الرحمن بن عبد العزيز بن سعود الخطيب التميمي القرشي", "ar"),
    ("लक्ष्मी श्रीनिवासन", "hi"),
    ("欧阳思远", "zh-Hans"),
    ("渡邉 さくら", "ja"),
    ("남궁 서연", "ko"),
]
REFUSED: list[tuple[str, str | None]] = [("דוד בן־גוריון", "he"), ("Ana 😀", None), ("X" * 80, None)]


@pytest.fixture(autouse=True)
def our_fonts() -> None:
    papers.use_fonts()


def made(facts: CertificateFacts) -> bytes:
    return pdf.render(
        "certificate", certificate_html(facts), paper=facts.paper, lang=facts.lang, created=papers.CREATED
    )


def variants(names: list[tuple[str, str | None]]) -> Iterator[CertificateFacts]:
    """Each name on each sheet in each language, as part one, as duplicate and over a second name."""
    for (name, lang), paper, words, part, again, second in product(
        names, ("letter", "a4"), ("en", "es"), (False, True), (None, papers.CREATED.date()), (None, "Ouyang Siyuan")
    ):
        facts = papers.part_one if part else papers.certificate
        changes: dict[str, Any] = {"paper": paper, "duplicate_on": again, "name_second": second}
        yield facts(words, name=name, name_lang=lang, **changes)


def assert_drawn(facts: CertificateFacts) -> None:
    printed = made(facts)
    glyphs = papers.glyphs_of(printed)
    assert papers.pages_of(printed) == 1, facts
    assert len(glyphs) > 500
    assert 0 not in glyphs, facts


# ---- the fields


def test_every_field_is_printed():
    text = papers.text_of(made(papers.certificate(name_second="Maya O.")))
    for words in (
        "Certificate of Completion",
        "Maya Okafor",
        "Maya O.",
        "has successfully completed",
        "Physical Therapy Aide: Massage Techniques for Rehabilitation",
        "Version 3",
        "Catalog year 2026–2027",
        "Taught in English",
        "100 clock hours in all",
        "theory, online",
        "theory, in person",
        "supervised lab, in person",
        "final practical, in person",
        "September 7, 2026",
        "November 18, 2026",
        "November 20, 2026",
        "Steady Hands Education LLC, doing business as Los Gatos School of Massage",
        "200 Sample Avenue, Suite 4, Los Gatos, California 95030",
        "+1 408 555 0142",
        "losgatosmassage.example",
        "Exempt from approval by the California Bureau",
        "Elena Marchetti",
        "School director, CMT 00000",
        "/s/ Tomás Herrera-Quiñones",
        "Lead instructor, physical therapist, PT 00000",
        "Signed electronically, November 20, 2026",
        "Serial LGS-MTR-2026-000123-7",
        "7Q4M-2KXD",
        "Verify at losgatosmassage.example/verify/7Q4M2KXD9HTPW3RA",
        "Template certificate 1.0",
        "Ledger checkpoint 4,812",
        "9f2c61d0 7b3ea854 12cd90fe 6b7738d1 a4405c9e 2f81b663 7d0c5ae9 14f3b28d",
        "d82b3f41 9ea5c0d7 366b18f2 e9c5044a 1d8377b6 ef09dc21 458ae3b7 0d16c2f9",
        "Not a license or a CAMTC certificate.",
        "The supervising physical therapist must separately evaluate and document competency.",
    ):
        assert words in text


def test_the_words_are_spanish_on_a_spanish_certificate():
    text = papers.text_of(made(papers.certificate("es")))
    for words in (
        "Certificado de finalización",
        "18 de noviembre de 2026",
        "horas reloj en total",
        "No es una licencia",
    ):
        assert words in text
    assert "Completed" not in text


@pytest.mark.parametrize("lang", ["en", "es"])
def test_part_one_says_so_three_times(lang):
    text = papers.text_of(made(papers.part_one(lang)))
    title, sentence, note = {
        "en": (
            "Part one: foundations",
            "has successfully completed part one of",
            "Part one of two. It does not complete",
        ),
        "es": (
            "Primera parte: fundamentos",
            "la primera parte del curso",
            "Primera de dos partes. Por sí sola no completa",
        ),
    }[lang]
    assert title in text
    assert sentence in text
    assert note in text
    assert "7.25" in text


def test_only_a_duplicate_is_called_one():
    assert "Duplicate issued November 20, 2026" in papers.text_of(
        made(papers.certificate(duplicate_on=papers.CREATED.date()))
    )
    assert "Duplicate" not in papers.text_of(made(papers.certificate()))


def test_the_code_and_the_drawn_signature_are_pictures_with_words():
    html = certificate_html(papers.certificate())
    assert 'alt="QR code that opens the verification page of this certificate"' in html
    assert 'alt="Signature of Elena Marchetti"' in html


def test_the_page_carries_no_style_of_its_own_and_no_address_to_load():
    html = certificate_html(papers.certificate())
    assert "style" not in html
    assert all(source.startswith("data:image/png;base64,") for source in _sources(html))


def _sources(html: str) -> list[str]:
    return [piece.split('"')[0] for piece in html.split('src="')[1:]]


def test_five_kinds_of_hours_with_quarters_have_room():
    lines = (("theory_online", "36.25"), ("theory_in_person", "11.75"), ("lab", "42"), ("final_practical", "4"))
    hours = papers.hours((*lines, ("transfer", "6.5")))
    text = papers.text_of(made(papers.certificate("es", paper="a4", hours=hours, hours_total=Decimal("100.50"))))
    assert "100.5 horas reloj en total" in text
    assert "transferidas de otra escuela" in text


def test_the_words_of_a_template_are_frozen():
    with pytest.raises(KeyError):
        certificate_html(papers.certificate(template="certificate 0.9"))


# ---- the names


@pytest.mark.parametrize(("name", "lang"), NAMES)
def test_a_name_is_drawn_on_one_page_in_the_plainest_and_in_the_fullest_variant(name, lang):
    printable(name, lang)
    every = list(variants([(name, lang)]))
    for facts in (every[0], every[-1]):
        assert_drawn(facts)


@pytest.mark.parametrize(("name", "lang"), REFUSED)
def test_a_name_that_cannot_be_drawn_is_refused_with_a_sentence_when_it_is_confirmed(name, lang):
    with pytest.raises(PdfRefused, match=r"\.$"):
        printable(name, lang)
    with pytest.raises(PdfRefused, match=r"\.$"):
        certificate_html(papers.certificate(name=name, name_lang=lang))


def test_what_was_confirmed_fits_every_variant():
    """The tightest place is what `printable` checks: no variant may be tighter."""
    for facts in variants([("Wilhelmina Alexandra Konstantinopoulou-Featherstonehaugh van der Westhuizen, Jr.", None)]):
        certificate_html(facts)


def test_a_signatory_whose_name_cannot_be_drawn_is_refused():
    facts = papers.certificate()
    with pytest.raises(UnprintableName):
        certificate_html(
            papers.certificate(signatories=(papers.replace(facts.signatories[1], name="דוד"), facts.signatories[0]))
        )


def test_signatories_from_other_scripts_are_drawn():
    first, second = papers.certificate().signatories
    signatories = (
        papers.replace(first, name="محمد الخطيب", image=None),
        papers.replace(second, name="Trần Thị Bích Ngọc"),
    )
    assert_drawn(papers.certificate(signatories=signatories))


@pytest.mark.soak
def test_every_name_on_every_variant(request):
    if not (request.config.getoption("--soak", False) or os.environ.get("SOAK")):
        pytest.skip("make soak draws all of them")
    for facts in variants(NAMES):
        assert_drawn(facts)
