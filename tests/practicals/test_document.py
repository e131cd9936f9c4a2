"""The signed sheet prints what was seen, what it meant and who signed it, in both languages."""

from dataclasses import replace

import pytest
from flask_babel import force_locale

from lms.i18n import LOCALES
from lms.pdf_names import UnprintableName
from lms.practicals.document import printed_verdict, sheet_html
from lms.practicals.rules import Verdict
from lms.practicals.types import SheetFacts
from lms.practicals.words import VERDICTS
from tests import papers

papers.use_fonts()

from lms import pdf  # noqa: E402 - importing it asks for the fonts

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def our_fonts() -> None:
    papers.use_fonts()


def made(facts: SheetFacts) -> bytes:
    return pdf.render("sheet", sheet_html(facts), paper=facts.paper, lang=facts.lang, created=papers.CREATED)


def text(**changes) -> str:
    return papers.text_of(made(papers.sheet(**changes)))


def test_every_field_is_printed_on_one_page():
    printed = made(papers.sheet())
    found = papers.text_of(printed)
    assert papers.pages_of(printed) == 1
    for words in (
        "Los Gatos School of Massage",
        "Petrissage to the calf",
        "Practical sheet S05, checklist version 2",
        "Maya Okafor",
        "Nguyễn Thị Phương Thảo",
        "October 8, 2026, 10:12 to 10:20",
        "CMT 00000, valid to June 30, 2028",
        "School lab, table 3",
        "Another student, with consent",
        *(words for words, _ in papers.STEPS),
        "Demonstrated in school lab under supervision",
        "24 of the 25 points that apply, 20 needed.",
        "All 5 critical steps independent.",
        "Time 8 min of 10.",
        "4 of 5, smooth, adapts",
        "Warm, even rhythm. Look up at the face more often.",
        "I observed this in person, and these marks are my own judgment.",
        "Oct 8, 2026 10:31:07 PDT",
        "Passkey, user verified",
        "Countersigner, PT 00000",
        "LGS-SH-2026-000512",
        "Verify at losgatosmassage.example/verify/9HTP7Q4RK3M8W2XD",
        "Ledger entry 3,977: 7b3ea854",
        "Previous entry: 6b7738d1",
        "Ledger checkpoint 3,981: 9f2c61d0",
        "Not a license or a CAMTC certificate.",
    ):
        assert words in found


def test_not_yet_is_said_with_what_is_still_open():
    found = papers.text_of(made(papers.not_yet()))
    assert "Not yet" in found
    assert "1 critical step not yet independent." in found
    assert "Reason: Already draped." in found
    assert "Demonstrated in school lab" not in found


def test_a_mark_is_a_word_and_a_shape():
    html = sheet_html(papers.not_yet())
    for mark, word in (("prompted", "Prompted"), ("not_yet", "Not yet"), ("not_applicable", "Not applicable")):
        assert f'<td class="m {mark}">{word}</td>' in html


def test_the_words_are_spanish_on_a_spanish_sheet():
    found = papers.text_of(made(papers.not_yet("es", paper="a4")))
    for words in ("Hoja de práctica S05", "8 de octubre de 2026, de 10:12 a 10:20", "Con indicación", "Todavía no"):
        assert words in found
    for english in ("Student", "Prompted", "Signatures", "Page"):
        assert f" {english} " not in found.replace("Student 8 oct", "").replace("Maya Okafor Student", "")


def test_a_spanish_paper_calls_people_as_the_pages_do():
    found = papers.text_of(made(papers.sheet("es")))
    assert "Evaluó Nguyễn" in found
    assert "Pareja de práctica" in found


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_paper_prints_the_verdict_of_the_page(app, lang):
    with app.test_request_context(), force_locale(LOCALES[lang]):
        for verdict, demonstrated in ((Verdict.DEMONSTRATED, True), (Verdict.NOT_YET, False)):
            assert printed_verdict(demonstrated, lang) == str(VERDICTS[verdict])


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ({}, "All 5 critical steps independent."),
        ({"n1": "not_applicable"}, "All 4 critical steps independent."),
        ({"n1": "prompted", "n9": "not_yet"}, "2 critical steps not yet independent."),
        ({"n5": "not_yet"}, "All 5 critical steps independent."),
    ],
)
def test_open_critical_steps_are_counted(marks, sentence):
    assert sentence in sheet_html(papers.sheet(steps=papers.steps(**marks)))


def test_without_a_limit_of_time_only_the_time_is_printed():
    assert "Time 8 min." in sheet_html(papers.sheet(minutes_allowed=None))


def test_an_amendment_names_the_sheet_it_corrects():
    assert "Corrects sheet LGS-SH-2026-000498" in text(corrects="LGS-SH-2026-000498")


def test_a_long_title_and_sixteen_steps_stay_on_one_page():
    """As the longest sheet of the course has them in Spanish."""
    title = "Traslado con cinturón de marcha: de sentado a de pie y giro de cama a silla"
    longer = replace(
        papers.steps()[0], text="Lee la orden: carga de peso, lado débil; sabe cuándo hacen falta dos personas"
    )
    facts = papers.sheet("es", skill_title=title, steps=(longer, *papers.steps()))
    assert papers.pages_of(made(replace(facts, signatures=facts.signatures[:2]))) == 1


def test_a_sheet_that_was_corrected_says_so_in_bold():
    assert "<b>Corrected by sheet LGS-SH-2026-000514</b>" in sheet_html(papers.sheet(corrected_by="LGS-SH-2026-000514"))


def test_a_long_checklist_goes_on_to_a_second_page_with_its_number():
    many = tuple(replace(step, text=f"{step.text}, again") for step in papers.steps() * 3)
    printed = made(papers.sheet(steps=many))
    assert papers.pages_of(printed) == 2
    assert "Page 2 / 2" in papers.text_of(printed)


@pytest.mark.parametrize(
    ("student", "lang"),
    [
        ("Chukwuẹ́meka Ọláṣubòmí Àjàyí", None),
        ("محمد عبد الرحمن الخطيب", "ar"),
        ("लक्ष्मी श्रीनिवासन", "hi"),
        ("欧阳思远", "zh-Hans"),
        ("渡邉 さくら", "ja"),
        ("남궁 서연", "ko"),
        ("Wilhelmina Alexandra Konstantinopoulou-Featherstonehaugh van der Westhuizen, Jr.", None),
        ("X" * 80, None),
    ],
)
def test_a_students_name_is_drawn_whole(student, lang):
    printed = made(papers.sheet(student=student, student_lang=lang))
    assert 0 not in papers.glyphs_of(printed)
    assert papers.pages_of(printed) == (1 if len(student) < 80 else 2)


def test_a_name_that_cannot_be_drawn_is_refused():
    with pytest.raises(UnprintableName, match="hebrew"):
        sheet_html(papers.sheet(student="דוד"))


def test_words_of_feedback_that_cannot_be_drawn_are_spelled_out():
    printed = made(papers.sheet(feedback="Good 😀 hands, Thảo, 欧阳"))
    assert 0 not in papers.glyphs_of(printed)
    assert "Good [U+1F600] hands, Thảo, 欧阳" in papers.text_of(printed)
