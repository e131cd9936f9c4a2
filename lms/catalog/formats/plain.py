"""The words of a lesson step as running text, without its marks."""

import re

from lms.catalog.formats.marks import CLAIM, REFERENCE, TERM

FENCE_NAME = re.compile(r"^[ \t]*:::+[ \t]*(?:why|safety|wait|case|practice|check)?[ \t]*")
FIGURE = re.compile(r"!\[([^\]]*)\]\(figure:[^)]*\)")
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
LINE_START = re.compile(r"^[ \t]*(?:#{3,6}[ \t]+|>[ \t]*|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|\d+[.)][ \t]+)+")
TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t:|-]+\|[ \t:|-]*$")


def plain(markdown: str, term: str | None = None) -> str:
    """One line a paragraph, list entry or table cell. `term` takes the place of each glossary term."""
    lines = [_line(line, term) for line in markdown.split("\n") if not TABLE_RULE.match(line)]
    return "\n".join(line for line in lines if line.strip())


def _line(line: str, term: str | None) -> str:
    said = FIGURE.sub(r"\1", FENCE_NAME.sub("", line))
    said = TERM.sub(
        lambda match: term or match[2] or match[1].replace("-", " "), REFERENCE.sub("", CLAIM.sub("", said))
    )
    said = LINK.sub(r"\1", LINE_START.sub("", said)).replace("*", "").replace("\\", "")
    return "\n".join(cell.strip() for cell in said.split("|"))
