"""Figures are drawings and nothing else; their words come from the labels of one language."""

import re
from xml.etree import ElementTree as ET

import pytest

from lms.catalog.formats.figures import check_figure, inline_figure, label_keys, region_names
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
    "an svg in an svg": ("<rect", '<svg viewBox="0 0 1 1"/><rect'),
    "a mask that is no id": ("<rect", '<rect mask="shape.svg"'),
    "a clip that is no id": ("<rect", '<rect clip-path="circle(9px)"'),
    "a marker that is no id": ("<rect", '<rect marker-end="arrow"'),
    "a stroke that is no color": ("<rect", '<rect stroke="var(--a)"'),
    "a fill with something behind it": ("url(#wash-hands-dots)", "url(#wash-hands-dots) red"),
    "an image set": ("url(#wash-hands-dots)", "image-set('x.png' 1x)"),
    "an image set elsewhere": ("<rect", "<rect font-family=\"image-set('x.png' 1x)\""),
    "an image function": ("<rect", "<rect font-family=\"image('x.png')\""),
    "a cross-fade": ("<rect", '<rect transform="cross-fade(a, b)"'),
    "an element function": ("<rect", '<rect transform="element(#b)"'),
    "a source": ("<rect", "<rect font-family=\"src('x.ttf')\""),
    "a drawing that uses itself": (
        '<path id="wash-hands-drop" d="M0 0L4 8"/>',
        '<g id="wash-hands-drop"><use href="#wash-hands-drop"/></g>',
    ),
    "drawings that use each other": (
        '<path id="wash-hands-drop" d="M0 0L4 8"/>',
        '<g id="wash-hands-drop"><use href="#wash-hands-b"/></g>'
        '<g id="wash-hands-b"><use href="#wash-hands-drop"/></g>',
    ),
    "a label in single quotes that is not there": ('data-k="wash.tap"', "data-k='wash.tip'"),
}


def test_a_figure_that_grows_when_it_is_drawn_is_refused() -> None:
    """Ten uses of ten uses of ten uses of ten uses: small on disk, ten thousand shapes on the page."""
    groups = ['<path id="wash-hands-0" d="M0 0"/>']
    for number in range(1, 5):
        uses = f'<use href="#wash-hands-{number - 1}"/>' * 10
        groups.append(f'<g id="wash-hands-{number}">{uses}</g>')

    assert wrong(SVG.replace("</defs>", f"{''.join(groups)}</defs>")) == ["The figure has more than 2,000 elements."]


def test_a_figure_nested_deeper_than_any_program_reads_is_refused() -> None:
    deep = "<g>" * 3000 + "</g>" * 3000

    assert wrong(SVG.replace("<rect", f"{deep}<rect")) == ["The elements are nested deeper than 40 levels."]


def test_a_long_chain_of_uses_is_refused() -> None:
    chain = "".join(f'<g id="wash-hands-{n}"><use href="#wash-hands-{n + 1}"/></g>' for n in range(400))

    assert wrong(SVG.replace("</defs>", f"{chain}</defs>")) == ["The elements are nested deeper than 40 levels."]


@pytest.mark.parametrize("value", ["none", "#fff", "#14231F", "currentColor", "red", "url('#wash-hands-dots')"])
def test_plain_colors_and_links_inside_the_figure_are_fine(value: str) -> None:
    assert wrong(SVG.replace('fill="url(#wash-hands-dots)"', f'fill="{value}"')) == []


def test_keys_and_regions_are_found_however_they_are_quoted() -> None:
    svg = SVG.replace('data-k="wash.tap"', "data-k='wash.tap'").replace('data-region="tap"', "data-region = 'tap'")

    assert set(label_keys(svg)) == {("wash.title", "title"), ("wash.desc", "desc"), ("wash.tap", "text")}
    assert region_names(svg) == {"tap", "drain"}


def test_what_a_comment_says_is_no_key_and_no_region() -> None:
    svg = SVG.replace("<rect", '<!-- data-k="old" data-region="old" --><rect')

    assert "old" not in dict(label_keys(svg))
    assert region_names(svg) == {"tap", "drain"}


@pytest.mark.parametrize("svg", ["", "<svg", "<!DOCTYPE svg><svg/>", SVG + " " * 40_000], ids=range(4))
def test_a_figure_that_cannot_be_read_has_no_keys_and_no_regions(svg: str) -> None:
    assert list(label_keys(svg)) == []
    assert region_names(svg) == frozenset()


def test_everything_but_the_labels_is_checked_where_they_are_unknown() -> None:
    assert check_figure("wash-hands", SVG, None) == []
    assert check_figure("wash-hands", SVG.replace("<rect", "<script/><rect"), None)


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
