"""What one step of a lesson contains, without rendering it: links, marks, figures, and what is malformed."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it.token import Token

from lms.catalog.formats.boxes import FENCE, NAMES
from lms.catalog.formats.lesson_html import PRIVATE, parse
from lms.catalog.formats.marks import claim_references

Found = tuple[str, int]  # a name and its line
BOX_LIST = ", ".join(NAMES)


@dataclass(slots=True)
class Outline:
    terms: list[Found] = field(default_factory=list)
    sources: list[Found] = field(default_factory=list)
    figures: list[Found] = field(default_factory=list)
    claims: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    keys: list[tuple[bool, ...]] = field(default_factory=list)  # of the self-checks
    texts: list[Found] = field(default_factory=list)  # running text with its marks, a row of a table as one
    wrong: list[tuple[int, str, str]] = field(default_factory=list)  # line, what, mend

    @property
    def shape(self) -> tuple[object, ...]:
        """What a translation must keep: figures, claim marks and the keys of self-checks."""
        return sorted(name for name, _ in self.figures), sorted(self.claims), self.keys


@lru_cache(maxsize=4096)
def outline(markdown: str, first_line: int, lang: str = "en") -> Outline:
    """Read one step whose body begins at `first_line` of its file. Several checks ask for the same; none changes it."""
    found = Outline()
    _fences(markdown, first_line, found)
    if PRIVATE.search(markdown):
        found.wrong.append((first_line, "A character of the private-use area is here.", "Remove it."))
    last = first_line
    tokens = parse(markdown, lang)
    for at, token in enumerate(tokens):
        last = first_line + token.map[0] if token.map else last
        if token.type == "inline":
            _text(tokens, at, last, found)
            _inline(token, tokens[at - 1], last, found)
        else:
            _block(token, last, found)
    return found


def _block(token: Token, line: int, found: Outline) -> None:
    if token.type == "html_block":
        found.wrong.append((line, "Raw HTML is not used in lessons.", "Write it in Markdown."))
    elif token.type == "bad_box":
        found.wrong.append((line, token.content, "Compare it with the self-check in content/README.md."))
    elif token.type == "fieldset_open":
        found.keys.append(token.meta["key"])
        found.wrong += [(line, what, mend) for what, mend in token.meta["wrong"]]
    elif token.type == "heading_open" and token.tag in ("h1", "h2"):
        found.wrong.append((line, "This heading is too large inside a step.", "Use ### here."))
    elif token.type == "fence":
        found.wrong.append((line, "Code blocks are not used in lessons.", "Write it as plain text."))


def _text(tokens: list[Token], at: int, line: int, found: Outline) -> None:
    """The cells of a row are one text: a mark in one of them speaks for the others."""
    said = tokens[at].content
    if at > 1 and tokens[at - 2].type in ("th_close", "td_close"):
        before, line = found.texts.pop()
        said = f"{before} | {said}"
    found.texts.append((said, line))


def _inline(token: Token, before: Token, line: int, found: Outline) -> None:
    children = token.children or []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            line += 1
        elif child.type == "image":
            alone = len(children) == 1 and before.type == "paragraph_open" and not before.hidden
            _image(child, alone, line, found)
        else:
            _mark(child, line, found)


def _image(token: Token, alone: bool, line: int, found: Outline) -> None:
    src = str(token.attrs.get("src", ""))
    if not re.fullmatch(r"figure:[a-z0-9-]+", src):
        found.wrong.append((line, f"The picture “{src}” is no figure.", "Write ![What it shows](figure:name)."))
    elif not alone or not token.content.strip():
        mend = "Give it a line of its own, outside lists, with a sentence in the square brackets."
        found.wrong.append((line, f"The figure “{src}” does not stand alone.", mend))
    elif src.removeprefix("figure:") in (name for name, _ in found.figures):
        found.wrong.append((line, f"The “{src}” is here twice in one step.", "Show it once."))
    else:
        found.figures.append((src.removeprefix("figure:"), line))


def _mark(token: Token, line: int, found: Outline) -> None:
    groups = (token.meta or {}).get("groups", ())
    if token.type == "term":
        found.terms.append((groups[0], line))
    elif token.type == "reference_mark":
        found.sources.append((groups[0], line))
    elif token.type == "claim":
        listed = claim_references(groups[2])
        found.claims.append((groups[0], groups[1], listed))
        found.sources += [(one, line) for one in listed]
    elif token.type == "bad_mark":
        mend = "Write {law established R-x} (effect, dose, time or law), [[term-id|word]] or [@R-x]."
        found.wrong.append((line, f"The mark “{token.content}” is not well formed.", mend))
    elif token.type == "html_inline":
        found.wrong.append((line, f"Raw HTML “{token.content}” is not used.", "Write it in Markdown."))
    elif token.type == "link_open":
        _link(str(token.attrs.get("href", "")), line, found)


def _link(href: str, line: int, found: Outline) -> None:
    if not re.match(r"(https://[^/\s]+|tel:\+?[0-9])", href):
        found.wrong.append((line, f"The link “{href}” is not safe.", "Link to https:// or tel: only."))


def _fences(markdown: str, first_line: int, found: Outline) -> None:
    """Boxes are opened by a known name, closed, and never inside each other."""
    opened: int | None = None
    for number, text in enumerate(markdown.split("\n"), first_line):
        match = FENCE.match(text)
        if not match:
            continue
        name = match["name"]
        if name and name not in NAMES:
            found.wrong.append((number, f"There is no box called “{name}”.", f"Use one of: {BOX_LIST}."))
        elif name and opened:
            found.wrong.append((number, "A box begins inside another.", f"Close the one of line {opened} first."))
        elif not name and not opened:
            found.wrong.append((number, "This ::: closes nothing.", "Remove it, or name the box it opens."))
        opened = number if name else None
    if opened:
        found.wrong.append((opened, "This box is never closed.", "Put ::: on a line of its own after it."))
