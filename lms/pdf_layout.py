"""Where the words of a laid-out page really fell: absolute boxes overlap without a word, so look. Pure."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from lms.pdf_art import FRAME_INSET
from lms.pdf_names import DoesNotFit

PIXEL = 96 / 25.4
UNUSED = 0.2  # share of a line's height above and below that no letter uses
Area = tuple[float, float, float, float]
PARAGRAPHS = frozenset({"p", "h1", "h2"})


def check_pages(pages: list[Any], most: int) -> None:
    if len(pages) > most:
        raise DoesNotFit(f"The text needs {len(pages)} pages; this paper has room for {most}.")


def check_frame(page: Any) -> None:
    """Every paragraph of a framed page lies inside the frame, and none on another; else DoesNotFit."""
    edge = FRAME_INSET * PIXEL
    inside = (edge, edge, page.width - edge, page.height - edge)
    placed = _paragraphs(page._page_box)
    for element, area in placed:
        if not _within(area, inside):
            raise DoesNotFit(f"A text is too long for the paper: “{_words(element)}” leaves the frame.")
    for (one, area), (other, second) in combinations(placed, 2):
        if _meet(area, second):
            raise DoesNotFit(f"A text is too long for the paper: “{_words(one)}” meets “{_words(other)}”.")


def _paragraphs(box: Any) -> list[tuple[Any, Area]]:
    found: dict[int, tuple[Any, Area]] = {}
    for element, area in _areas(box, None):
        before = found.get(id(element))
        found[id(element)] = (element, _joined(before[1], area) if before else area)
    return list(found.values())


def _areas(box: Any, owner: Any) -> Iterator[tuple[Any, Area]]:
    """(paragraph, area) of every set line and picture, in CSS pixels."""
    if getattr(box, "element_tag", None) in PARAGRAPHS:
        owner = box.element
    if owner is not None and hasattr(box, "replacement"):
        yield owner, _area(box, 0)
    elif owner is not None and getattr(box, "text", "").strip():
        yield owner, _area(box, box.height * UNUSED)
    for child in getattr(box, "children", ()):
        yield from _areas(child, owner)


def _area(box: Any, pad: float) -> Area:
    x, y = box.position_x, box.position_y
    return x, y + pad, x + box.width, y + box.height - pad


def _joined(a: Area, b: Area) -> Area:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _within(a: Area, b: Area) -> bool:
    return a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]


def _meet(a: Area, b: Area) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _words(element: Any) -> str:
    text = " ".join("".join(element.itertext()).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
