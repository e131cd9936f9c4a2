"""Our own inline marks in lessons: [[term|word]], [@R-source] and {law established R-source}."""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

TERM = re.compile(r"\[\[([a-z0-9]+(?:-[a-z0-9]+)*)(?:\\?\|([^\[\]|\n]+))?\]\]")
REFERENCE = re.compile(r"\[@(R-[A-Za-z0-9._-]+)\]")
CLAIM = re.compile(r"\{(effect|dose|time|law)[ ](established|contested|unsupported)((?:[ ,]+R-[A-Za-z0-9._-]+)+)[ ]?\}")
# What begins like one of ours but is not well formed: told to the author instead of shown to students.
BAD_TERM = re.compile(r"\[\[[^\]\n]*\]{0,2}")
BAD_REFERENCE = re.compile(r"\[@[^\]\n]*\]?")
BAD_CLAIM = re.compile(r"\{[^}\n]*\}?")


TERM_IN_TABLE = re.compile(r"(\[\[[a-z0-9-]+)\|(?=[^\[\]|\n]+\]\])")


def keep_terms_in_cells(markdown: str) -> str:
    """The bar of [[term|word]] must not end the cell of a table it stands in."""
    lines = markdown.split("\n")
    return "\n".join(TERM_IN_TABLE.sub(r"\1\\|", line) if line.lstrip().startswith("|") else line for line in lines)


def marks_plugin(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "term", _rule("[[", "term", TERM, BAD_TERM))
    md.inline.ruler.before("link", "reference_mark", _rule("[@", "reference_mark", REFERENCE, BAD_REFERENCE))
    md.inline.ruler.before("link", "claim", _rule("{", "claim", CLAIM, BAD_CLAIM))


def _rule(
    start: str, kind: str, well_formed: re.Pattern[str], malformed: re.Pattern[str]
) -> Callable[[StateInline, bool], bool]:
    def rule(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith(start, state.pos):
            return False
        match = well_formed.match(state.src, state.pos, state.posMax)
        bad = match or malformed.match(state.src, state.pos, state.posMax)
        if not bad:
            return False
        if not silent:
            token = state.push(kind if match else "bad_mark", "", 0)
            token.content = bad.group(0)
            token.meta = {"groups": match.groups() if match else ()}
        state.pos = bad.end()
        return True

    return rule


def claim_references(listed: str) -> tuple[str, ...]:
    return tuple(re.findall(r"R-[A-Za-z0-9._-]+", listed))
