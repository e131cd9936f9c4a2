"""The words of a lesson step as running text, without its marks."""

import re
from collections.abc import Iterator

from lms.catalog.formats.marks import CLAIM, REFERENCE, TERM

FENCE_NAME = re.compile(r"^[ \t]*:::+[ \t]*(?:why|safety|wait|case|practice|check)?[ \t]*")
FIGURE = re.compile(r"!\[([^\[\]]*)\]\(figure:[^)]*\)")
LINK = re.compile(r"\[([^\[\]]+)\]\([^)]*\)")
LINE_START = re.compile(r"^[ \t]*(?:#{3,6}[ \t]+|>[ \t]*|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|\d+[.)][ \t]+)+")
TABLE_RULE = re.compile(r"^(?=.+\|)[ \t:|-]+$")
QUOTED = re.compile(r"[ \t]*>")
OWN_LINE = re.compile(r"[ \t]*(?:#|:::|\||!\[)")  # headings, boxes, rows and figures continue nothing
ENTRY = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]")
HARD_BREAK = re.compile(r"(?: {2}|\\)$")


def plain(markdown: str, term: str | None = None) -> str:
    """One line a paragraph, list entry or table cell. `term` takes the place of each glossary term."""
    return "\n".join(text for _, text in paragraphs(markdown, term))


def paragraphs(markdown: str, term: str | None = None) -> Iterator[tuple[int, str]]:
    """Each paragraph, list entry or row, its lines joined, with the number of lines before it; cells on their own."""
    begun, said, before = 0, [], ""
    for number, line in enumerate(markdown.split("\n")):
        if not _continues(before, line):
            if text := " ".join(said):
                yield begun, text
            begun, said = number, []
        if not TABLE_RULE.match(line) and (text := _line(line, term)).strip():
            said.append(text.strip(" \t"))
        before = line
    if text := " ".join(said):
        yield begun, text


def _continues(before: str, line: str) -> bool:
    """Whether a line goes on with the paragraph of the line before it."""
    if not line.strip() or not before.strip() or OWN_LINE.match(before) or HARD_BREAK.search(before):
        return False
    if QUOTED.match(line) and not QUOTED.match(before):
        return False
    return not (OWN_LINE.match(line) or ENTRY.match(line))


def _line(line: str, term: str | None) -> str:
    said = FIGURE.sub(r"\1", FENCE_NAME.sub("", line))
    said = TERM.sub(
        lambda match: term or match[2] or match[1].replace("-", " "), REFERENCE.sub("", CLAIM.sub("", said))
    )
    said = LINK.sub(r"\1", LINE_START.sub("", said)).replace("*", "").replace("\\", "")
    return "\n".join(cell.strip() for cell in said.split("|"))
