"""What a lesson becomes on the page, and what it can never become."""

import re

import pytest

from lms.catalog.formats.lesson_html import Page, render, sanitise
from lms.catalog.text import Text
from lms.catalog.types import Reference, Term

GLOSSARY = {"plan": Term("plan", Text("plan of care", "plan de atención"), Text("What to do.", "Qué hacer."))}
REFERENCES = {
    "R-A": Reference("R-A", "A. Author <2020>", "full"),
    "R-B": Reference("R-B", "B. Author", "full"),
}
PICTURE = '<svg class="fig" role="img"><title>x</title></svg>'


def html(markdown: str, lang: str = "en", key: str = "wash") -> str:
    return render(markdown, Page(lang, key, GLOSSARY, REFERENCES, lambda _name: PICTURE))


def test_a_box_is_a_section_with_its_heading_in_the_language_of_the_page() -> None:
    made = html("::: why\nBecause.\n:::", "es")

    assert made.startswith('<section class="note why">')
    assert "<h3>Por qué le importa al paciente</h3>" in made


def test_a_case_carries_its_own_title() -> None:
    made = html("::: case A wet **towel**\nAna.\n:::")

    assert '<section class="case">' in made
    assert "<h3>A wet <strong>towel</strong></h3>" in made


def test_a_self_check_works_without_javascript() -> None:
    made = html("::: check How *long*?\n- [ ] Two\n- [x] Twenty\n> Sing **twice**.\n:::")

    assert re.search(r'<fieldset class="self-check">\s*<legend>How <em>long</em>\?</legend>', made)
    assert made.count('<input type="radio" name="check-wash-1">') == 2
    answer = made.partition("<details>")[2]
    assert "<summary>Show the answer</summary>" in answer
    assert "<strong>Right:</strong> Twenty" in answer
    assert "Sing <strong>twice</strong>." in answer
    assert "Two" not in answer


def test_a_self_check_with_two_right_answers_offers_boxes() -> None:
    made = html("::: check Which?\n- [x] A\n- [x] B\n- [ ] C\n:::\n\n::: check Then?\n- [x] D\n- [ ] E\n:::")

    assert made.count('type="checkbox" name="check-wash-1"') == 3
    assert made.count('type="radio" name="check-wash-2"') == 2


def test_a_term_opens_its_explanation_in_both_languages() -> None:
    made = html("The [[plan|plan]] and the [[plan]].", "es", "wash-es")

    assert made.count('popovertarget="term-plan-wash-es"') == 2
    assert made.count('id="term-plan-wash-es"') == 1
    assert made.index('<p lang="es">') < made.index('<p lang="en">')


def test_a_term_may_stand_in_a_table() -> None:
    made = html("| a | b |\n|---|---|\n| the [[plan|plan]] | c |")

    assert made.count("<td>") == 2
    assert ">plan</button></td>" in made


def test_sources_are_numbered_once_and_listed_at_the_end() -> None:
    made = html("One [@R-B]. Two [@R-A]. Three [@R-B].")

    assert re.findall(r'class="ref"[^>]*>(\d)</a>', made) == ["1", "2", "1"]
    assert made.index('<li id="ref-R-B-wash">') < made.index('<li id="ref-R-A-wash">')
    assert "A. Author &lt;2020&gt;" in made


@pytest.mark.parametrize(
    ("status", "css", "en", "es"),
    [
        ("established", "yes", "Established", "Establecido"),
        ("contested", "maybe", "Contested", "En discusión"),
        ("unsupported", "nope", "Not supported", "Sin respaldo"),
    ],
)
def test_a_claim_says_in_words_how_well_it_is_known(status: str, css: str, en: str, es: str) -> None:
    for lang, word in (("en", en), ("es", es)):
        made = html(f"It helps. {{effect {status} R-A, R-B}}", lang)

        assert f'<span class="ev {css}">{word}</span>' in made
        assert made.count('href="#ref-R-') == 2


def test_a_figure_stands_where_its_line_was_with_its_sentence_below() -> None:
    made = html("Before.\n\n![Two <hands>](figure:hands)\n\nAfter.")

    assert f'<figure id="figure-hands-en">{PICTURE}<figcaption>Two &lt;hands&gt; <a class="enlarge"' in made
    assert made.index("Before") < made.index("<figure ") < made.index("After")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "**<svg onload=alert(1)>**",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](https://a.example 'onmouseover=alert(1)')",
    "![x](javascript:alert(1))",
    "<https://a.example/><script>alert(1)</script>",
    "::: case <script>alert(1)</script>\nx\n:::",
    "::: check <b onclick=alert(1)>?</b>\n- [x] <script>alert(1)</script>\n- [ ] b\n:::",
    "[[plan|<script>alert(1)</script>]]",
    "`<script>`\n\n```\n<script>alert(1)</script>\n```",
    "<style>*{display:none}</style>",
    "<iframe src='https://a.example'></iframe><form action=/logout><button>x</button></form>",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "\ue0000\ue001",
    "&#xE000;0&#xE001;",
]


@pytest.mark.parametrize("markdown", HOSTILE)
def test_hostile_markdown_makes_no_script(markdown: str) -> None:
    made = html(markdown)

    assert not re.search(r"<(script|style|iframe|form|img|svg|object|embed|link|meta)\b", made, re.IGNORECASE)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", made, re.IGNORECASE)
    assert not re.search(r"<[^>]*(href|src)\s*=\s*[\"']?\s*(javascript|data):", made, re.IGNORECASE)


def test_the_sanitiser_alone_would_stop_what_the_renderer_let_through() -> None:
    made = sanitise(
        '<p style="x" onclick="x" class="btn">a</p><section class="note evil">b</section><input type="text">'
        '<button type="submit" formaction="/logout" class="term">c</button><a href="javascript:x">d</a>'
    )

    assert made == (
        '<p>a</p><section class="note">b</section><input>'
        '<button class="term">c</button><a rel="noopener noreferrer">d</a>'
    )
