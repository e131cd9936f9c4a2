"""Claims and titles that a school of aides must not use, in both languages, and where they may be named.

A misconception may be named to be refuted: in a sentence that carries an evidence mark `unsupported`, after a denial
(`does not drain …`, `believes that …`), inside quotation marks, or in a wrong option. That a wound heals is a fact;
that hands heal it is a claim.
"""

import re
from collections.abc import Iterator

from lms.catalog.checks.phrases import CLAIMS, DENIED, FACTS

PATTERNS = {
    lang: re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})(?![\w-])", re.IGNORECASE) for lang, phrases in CLAIMS.items()
}
QUOTED = re.compile(r"“[^”“]*”|\"[^\"]*\"|«[^»«]*»")
# What parts a text: an empty line, a new entry of a list, a row, a quoted line, a box.
BLOCK_END = re.compile(r"\n(?=[ \t]*(?:\n|[-*+] |[|>#]|\d+[.)] |:::))")
SENTENCE_END = re.compile(r"(?<=[.?!…”\"»}])\s+(?![{\[|\s])")
UNSUPPORTED = re.compile(r"\{(?:effect|dose|time|law) unsupported ")
# What a reader does not see: emphasis, the brackets and id of a term, characters without width.
UNSEEN = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)|\[\[(?:[a-z0-9-]+\|)?|\]\]|[\u00ad\u200b-\u200d\u2060\ufeff]")
MEND = "Say what is true, or mark the sentence as unsupported where you refute it."


def banned(text: str, lang: str) -> Iterator[tuple[str, int]]:
    """Each banned phrase that `text` claims, with the number of lines before it."""
    for start, sentence in _sentences(text):
        if UNSUPPORTED.search(sentence):
            continue
        own = QUOTED.sub(_blank, sentence)
        if not PATTERNS[lang].search(" ".join(UNSEEN.sub("", own).split())):
            continue  # nearly every sentence: only what looks like a claim is read character by character
        said, places = _as_read(own)
        for match in PATTERNS[lang].finditer(FACTS[lang].sub(_blank, said)):
            if not DENIED[lang].search(said[: match.start()]):
                yield match[0], text.count("\n", 0, start + places[match.start()])


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence with its place; a new line alone ends none."""
    for block, part in _parts(BLOCK_END, text):
        for at, sentence in _parts(SENTENCE_END, part):
            yield block + at, sentence


def _parts(end: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for match in end.finditer(text):
        yield start, text[start : match.start()]
        start = match.end()
    yield start, text[start:]


def _as_read(text: str) -> tuple[str, list[int]]:
    """The words as a reader sees them, one space between them, and where each character stood."""
    places: list[int] = []
    for start, part in _parts(UNSEEN, text):
        for at, char in enumerate(part, start):
            if not char.isspace() or (places and not text[places[-1]].isspace()):
                places.append(at)
    return "".join(" " if text[at].isspace() else text[at] for at in places), places


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
