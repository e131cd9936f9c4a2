"""Figures are drawings and nothing else; their words come from the labels of one language."""

import re
from xml.etree import ElementTree as ET

import pytest

from lms.catalog.formats.figures import check_figure, inline_figure
from lms.catalog.text import Text
from tests.catalog.small_course import FIGURE, FILES

SVG = FILES[FIGURE]
LABELS = {
    "wash.title": Text("Washing <hands>", "Lavado"),
    "wash.desc": Text("Two hands,\none tap", "Dos manos"),
    "wash.tap": Text("Tap,\nopen", "Grifo"),
}


def wrong(svg: str) -> list[str]:
    return [what for _, what, _ in check_figure("wash-hands", svg, LABELS)]


def test_the_small_figure_is_fit_to_be_shown() -> None:
    assert wrong(SVG) == []


HOSTILE = {
    "a script": ("<rect", "<script>alert(1)</script><rect"),
    "a style element": ("<rect", "<style>*{}</style><rect"),
    "a style attribute": ("<rect", '<rect style="fill:red"'),
    "a handler": ("<rect", '<rect onclick="alert(1)"'),
    "a handler on the root": ("<svg", '<svg onload="alert(1)"'),
    "a foreign object": ("<rect", "<foreignObject><p>x</p></foreignObject><rect"),
    "a link": ("<rect", '<a href="https://x.example">x</a><rect'),
    "an image": ("<rect", '<image href="https://x.example/a.png"/><rect'),
    "an animation": ("<rect", '<animate attributeName="href" to="javascript:alert(1)"/><rect'),
    "a use from elsewhere": ("#wash-hands-drop", "https://x.example/a.svg#b"),
    "a script address": ("#wash-hands-drop", "javascript:alert(1)"),
    "an old link attribute": (
        "<use ",
        '<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="https://x.example" ',
    ),
    "a fill from elsewhere": ("url(#wash-hands-dots)", "url(https://x.example/a.svg#b)"),
    "a fill in disguise": ("url(#wash-hands-dots)", "u\\72l(https://x.example)"),
    "a doctype": ("<svg", "<!DOCTYPE svg><svg"),
    "an entity": ("<svg", "<!doctype svg [<!ENTITY x 'y'>]><svg"),
    "another namespace": ("<rect", '<p xmlns="http://www.w3.org/1999/xhtml">x</p><rect'),
    "a foreign id": ('id="wash-hands-drop"', 'id="main"'),
    "an id used twice": ('id="wash-hands-dots"', 'id="wash-hands-drop"'),
    "a link to nothing": ('href="#wash-hands-drop"', 'href="#wash-hands-tap"'),
    "an unknown class": ('class="f-plate"', 'class="btn"'),
    "no title": ('<title id="wash-hands-t" data-k="wash.title"></title>', ""),
    "no description": ('<desc id="wash-hands-d" data-k="wash.desc"></desc>', ""),
    "another width": ("0 0 480 200", "0 0 400 200"),
    "another origin": ("0 0 480 200", "0 10 480 200"),
    "words in one language": (">1</text>", ">one</text>"),
    "broken markup": ("</svg>", ""),
    "too many points": ("M0 0L4 8", "M0 0L4 8" * 4000),
}


@pytest.mark.parametrize(("old", "new"), HOSTILE.values(), ids=HOSTILE)
def test_a_figure_is_refused_for(old: str, new: str) -> None:
    assert old in SVG
    assert wrong(SVG.replace(old, new, 1))


def test_labels_of_the_language_are_filled_in_line_by_line() -> None:
    made = inline_figure(SVG, LABELS, "en", "wash")

    assert "Washing &lt;hands&gt;</title>" in made
    assert ">Two hands, one tap</desc>" in made
    assert re.search(r'<text [^>]*x="32"[^>]*>Tap,<tspan x="32" dy="1.25em">open</tspan></text>', made)
    assert ">Grifo</text>" in inline_figure(SVG, LABELS, "es", "wash")


def test_an_inlined_figure_is_named_for_screen_readers_and_its_ids_are_its_own() -> None:
    made = ET.fromstring(inline_figure(SVG, LABELS, "es", "clean-hands-wash-es"))

    ids = {element.attrib["id"] for element in made.iter() if "id" in element.attrib}
    assert ids
    assert all(id_.startswith("clean-hands-wash-es-wash-hands-") for id_ in ids)
    assert made.get("role") == "img"
    assert made.get("lang") == "es"
    assert set(made.attrib["aria-labelledby"].split()) <= ids
    used = made.find("use")
    assert used is not None
    assert used.attrib["href"].removeprefix("#") in ids
    rect = made.find("rect")
    assert rect is not None
    assert rect.attrib["fill"].removeprefix("url(#").removesuffix(")") in ids
