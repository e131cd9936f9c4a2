"""Figures: what an SVG must not contain, and its inlining with the labels of one language."""

import re
from collections.abc import Collection, Iterator, Mapping
from xml.etree import ElementTree as ET  # nosec B405

from lms.catalog.text import Text

SVG = "{http://www.w3.org/2000/svg}"
LIMIT_BYTES = 30_000
DEEPEST = 40
MOST_ELEMENTS = 2_000  # once every use stands written out
FORBIDDEN = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)|<\?xml-stylesheet|<!\[CDATA\[", re.IGNORECASE)
ELEMENT_NAMES = """
svg title desc defs g path circle ellipse rect line polyline polygon text tspan use symbol pattern clipPath
mask marker
"""
ATTRIBUTE_NAMES = """
id class lang role aria-labelledby aria-hidden focusable data-k data-region href viewBox preserveAspectRatio
x y x1 y1 x2 y2 dx dy cx cy r rx ry d points width height transform opacity
fill fill-opacity fill-rule clip-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray
stroke-dashoffset stroke-opacity stroke-miterlimit paint-order
font-size font-weight font-family font-style text-anchor dominant-baseline letter-spacing
patternUnits patternTransform patternContentUnits clip-path clipPathUnits mask maskUnits
marker-start marker-mid marker-end markerWidth markerHeight markerUnits refX refY orient
"""
CLASS_NAMES = """
fig sk0 sk1 sk2 sk3 sk4 f-skin f-skinf f-shade f-out f-in f-hair f-cloth f-scrub f-trs f-sheet f-pad f-wood
f-belt f-shoe f-clothsh f-scrubsh f-trssh f-sheetsh f-padsh f-fold f-obj f-muscle f-musc2 f-fibre f-act
f-actl f-ret f-halo f-stop f-stopf f-stopbg f-stopl f-caut f-cautf f-cautbg f-cautl f-okl f-okbg f-okf
f-plate f-lead f-disc f-num f-t f-b f-s f-white f-platef f-card f-line f-dotl f-disch f-discl f-ghost f-flow
f-frame f-region
"""
ELEMENTS = frozenset(ELEMENT_NAMES.split())
ATTRIBUTES = frozenset(ATTRIBUTE_NAMES.split())
CLASSES = frozenset(CLASS_NAMES.split())
URL = re.compile(r"url\(\s*['\"]?([^'\")]*)['\"]?\s*\)", re.IGNORECASE)
FETCHES = re.compile(r"url|(?:image|image-set|cross-fade|element|src)\(|javascript:|data:|\\|//|/\*", re.IGNORECASE)
ID_LINK = re.compile(r"url\(\s*(['\"]?)#[A-Za-z0-9_-]+\1\s*\)")
COLOR = re.compile(r"[A-Za-z]+|#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})|(?:rgb|hsl)a?\([0-9.,%/ ]+\)")
PAINTS = frozenset({"fill", "stroke"})
LINKS = frozenset({"mask", "clip-path", "marker-start", "marker-mid", "marker-end"})
Wrong = tuple[int, str, str]  # line, what, mend


def check_figure(name: str, svg: str, labels: Collection[str] | None) -> list[Wrong]:
    """What is wrong with figures/<name>.svg; an empty list means it may be inlined.

    `labels` are the keys of labels.yaml, None where they cannot be known.
    """
    if len(svg.encode()) > LIMIT_BYTES:
        return [(1, "The figure is larger than 30 kB.", "Draw it with fewer points.")]
    if match := FORBIDDEN.search(svg):
        return [(_line(svg, match.group(0)), "DOCTYPE, ENTITY and CDATA are refused.", "Remove it.")]
    try:
        root = _parse(svg)
    except ET.ParseError as error:
        return [(error.position[0], f"This is not readable SVG: {error}.", "Mend the markup.")]
    if wrong := _size_wrong(root):
        return [(_line(svg, wrong[0]), *wrong[1:])]
    return [
        (_line(svg, needle), what, mend)
        for needle, what, mend in (
            *_root_wrong(root),
            *(one for element in root.iter() for one in _element_wrong(element)),
            *_ids_wrong(name, root),
            *_labels_wrong(root, labels),
        )
    ]


def label_keys(svg: str) -> Iterator[tuple[str, str]]:
    """Each key of labels.yaml that the figure shows, with the element that shows it."""
    for element in _elements(svg):
        if "data-k" in element.attrib:
            yield element.attrib["data-k"], str(element.tag).removeprefix(SVG)


def region_names(svg: str) -> frozenset[str]:
    """The regions that a question may point at."""
    return frozenset(element.attrib["data-region"] for element in _elements(svg) if "data-region" in element.attrib)


def _elements(svg: str) -> list[ET.Element]:
    """All of the figure's; none of one that is not readable, which check_figure reports."""
    try:
        return list(_parse(svg).iter()) if len(svg.encode()) <= LIMIT_BYTES else []
    except (ET.ParseError, ValueError):
        return []


def inline_figure(svg: str, labels: Mapping[str, Text], lang: str, prefix: str) -> str:
    """The checked figure as inline SVG: labels filled in, ids prefixed, named for screen readers."""
    root = _parse(svg)
    for element in list(root.iter()):
        if key := element.attrib.pop("data-k", None):
            _fill(element, labels[key].get(lang))
    for element in root.iter():
        element.attrib = {attr: _prefixed(attr, value, prefix) for attr, value in element.attrib.items()}
        element.tag = str(element.tag).removeprefix(SVG)
    names = []
    for part in ("title", "desc"):
        found = root.find(part)
        if found is not None:
            found.set("id", found.get("id") or f"{prefix}-{part}")
            names.append(found.attrib["id"])
    root.attrib.update({"role": "img", "aria-labelledby": " ".join(names), "lang": lang})
    return ET.tostring(root, encoding="unicode")


def _parse(svg: str) -> ET.Element:
    """Safe with the standard parser: what could declare an entity is refused before it is parsed."""
    if FORBIDDEN.search(svg):
        raise ValueError("DOCTYPE, ENTITY and CDATA are refused")
    return ET.fromstring(svg)  # noqa: S314  # nosec B314


def _fill(element: ET.Element, text: str) -> None:
    lines = text.split("\n")
    tail, attributes = element.tail, dict(element.attrib)
    is_text = str(element.tag).endswith("}text")
    for child in list(element):
        element.remove(child)
    element.tail = tail
    element.text = lines[0] if is_text else " ".join(lines)
    for line in lines[1:] if is_text else []:
        span = ET.SubElement(element, f"{SVG}tspan", {"x": attributes.get("x", "0"), "dy": "1.25em"})
        span.text = line


def _prefixed(attribute: str, value: str, prefix: str) -> str:
    if attribute == "id":
        return f"{prefix}-{value}"
    if attribute == "href":
        return f"#{prefix}-{value.removeprefix('#')}"
    return URL.sub(lambda match: f"url(#{prefix}-{match.group(1).removeprefix('#')})", value)


def _size_wrong(root: ET.Element) -> tuple[str, str, str] | None:
    """What could keep a browser busy, or this program: depth, and elements that use others that use others."""
    by_id = {element.attrib["id"]: element for element in root.iter() if "id" in element.attrib}
    waiting: list[tuple[ET.Element, int, frozenset[str]]] = [(root, 1, frozenset())]
    count = 0
    while waiting:
        element, depth, inside = waiting.pop()
        count += 1
        if count > MOST_ELEMENTS:
            return "<svg", f"The figure has more than {MOST_ELEMENTS:,} elements.", "Draw it with fewer shapes."
        if depth > DEEPEST:
            return "<svg", f"The elements are nested deeper than {DEEPEST} levels.", "Draw it flatter."
        waiting += [(child, depth + 1, inside) for child in element]
        for target in _targets(element):
            if target in inside:
                return f'"{target}"', f"“{target}” uses itself.", "Let no element use one that it stands in."
            if target in by_id:
                waiting.append((by_id[target], depth + 1, inside | {target}))
    return None


def _targets(element: ET.Element) -> Iterator[str]:
    """The ids that an element points at."""
    for attribute, value in element.attrib.items():
        found = [value] if attribute == "href" else URL.findall(value)
        yield from (target.removeprefix("#") for target in found)


def _root_wrong(root: ET.Element) -> Iterator[tuple[str, str, str]]:
    if root.tag != f"{SVG}svg":
        yield "<", "The file is no SVG.", 'Begin with <svg xmlns="http://www.w3.org/2000/svg" …>.'
    if not re.fullmatch(r"0 0 480 [1-9][0-9]{0,3}(\.[0-9]+)?", root.get("viewBox", "")):
        yield "viewBox", "The viewBox must begin with 0 0 480.", 'Write viewBox="0 0 480 HEIGHT".'
    for part in ("title", "desc"):
        found = root.findall(f"{SVG}{part}")
        if len(found) != 1 or not found[0].get("data-k"):
            yield "<svg", f"The figure has no <{part}>.", f'Add one <{part} data-k="…"> at its start.'
    if root.find(f".//{SVG}svg") is not None:
        yield "<svg", "An <svg> stands inside the <svg>.", "Use <g>."


def _element_wrong(element: ET.Element) -> Iterator[tuple[str, str, str]]:
    tag = str(element.tag).removeprefix(SVG)
    if tag not in ELEMENTS or not str(element.tag).startswith(SVG):
        yield f"<{tag}", f"The element <{tag}> is refused.", "Draw it with plain shapes and text."
    for attribute, value in element.attrib.items():
        if attribute not in ATTRIBUTES:
            shown = attribute.rpartition("}")[2]
            yield (
                f"{shown}=",
                f"The attribute {shown} is refused.",
                "Use presentation attributes and classes.",
            )
        elif attribute == "href" and not re.fullmatch(r"#[A-Za-z0-9_-]+", value):
            yield value, f"The link “{value}” leaves the figure.", "Point inside the file: #id."
        elif attribute != "href" and not _urls_stay(value):
            yield value, f"“{value}” points out of the figure.", "Write url(#id)."
        elif attribute in PAINTS | LINKS and not _plain_value(attribute, value):
            mend = "Write none or url(#id)." if attribute in LINKS else "Write none, a color or url(#id)."
            yield value, f"{attribute} may not be “{value}”.", mend
    yield from _classes_wrong(element)


def _urls_stay(value: str) -> bool:
    """Every url(…) is a plain #id, and nothing else looks like an address or an escape."""
    rest = URL.sub("", value)
    inside = all(re.fullmatch(r"#[A-Za-z0-9_-]+", target) for target in URL.findall(value))
    return inside and not FETCHES.search(rest)


def _plain_value(attribute: str, value: str) -> bool:
    color = attribute in PAINTS and COLOR.fullmatch(value)
    return value == "none" or bool(color or ID_LINK.fullmatch(value))


def _classes_wrong(element: ET.Element) -> Iterator[tuple[str, str, str]]:
    for name in element.get("class", "").split():
        if name not in CLASSES:
            yield (
                name,
                f"The class {name} is not one of the figures' classes.",
                "Use the classes of figures.css.",
            )


def _ids_wrong(name: str, root: ET.Element) -> Iterator[tuple[str, str, str]]:
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    for id_ in ids:
        if not re.fullmatch(rf"{re.escape(name)}-[A-Za-z0-9_-]+", id_):
            yield f'"{id_}"', f"The id {id_} does not begin with the figure's name.", f"Write {name}-{id_}."
        if ids.count(id_) > 1:
            yield f'"{id_}"', f"The id {id_} is used twice.", "Rename one."
    for element in root.iter():
        for target in _targets(element):
            if target not in ids:
                yield target, f"“{target}” points to nothing.", "Correct the id."


def _labels_wrong(root: ET.Element, labels: Collection[str] | None) -> Iterator[tuple[str, str, str]]:
    for element in root.iter():
        tag, key = str(element.tag).removeprefix(SVG), element.get("data-k")
        if key and tag not in ("text", "title", "desc"):
            yield key, f"data-k is on <{tag}>.", "Put it on <text>, <title> or <desc>."
        elif key and labels is not None and key not in labels:
            yield key, f"The label {key} is missing in figures/labels.yaml.", f"Add {key} in both languages."
        elif tag == "text" and not key and re.search(r"[^\W\d_]{2}", "".join(element.itertext())):
            words = "".join(element.itertext()).strip()
            yield words[:12], f"The text “{words}” is in one language only.", "Give the <text> a data-k."


def _line(svg: str, needle: str) -> int:
    at = svg.find(needle)
    return svg.count("\n", 0, at) + 1 if at >= 0 else 1
