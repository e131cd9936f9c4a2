"""Is what the record says printed on the page? Compares words with the text a PDF reader finds there.

A document's statement says what is printed: `"document": {"facts": {label: text}, "values": [name]}`,
where facts are printed as they stand and values are names of committed ones.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from lms.ledger.types import Finding, Json

SPACED = 0x2E80  # from here on (Chinese, Japanese, Korean) words touch
INDIC = re.compile("[\u0900-\u0dff\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff]")


def compare(page: str, statement: Json, values: Mapping[str, str]) -> list[Finding]:
    """A finding for each fact and value that the statement says is printed."""
    printed = facts(statement)
    if printed is None:
        return [Finding.broken("no_document", "The record does not say what is printed on the page.")]
    text, named = printed
    found = [on_page(page, label, fact) for label, fact in text.items()]
    return [*found, *_committed(page, named, values)]


def _committed(page: str, named: list[str], values: Mapping[str, str]) -> Iterator[Finding]:
    for name in named:
        if name in values:
            yield on_page(page, name, values[name])
        else:
            yield Finding.broken("not_compared", f"“{name}” is printed, but its sealed value is not in the file.")


def facts(statement: Json) -> tuple[dict[str, str], list[str]] | None:
    """The printed facts and the names of printed values; None where the statement is of no document."""
    document: Any = statement.get("document")
    if not isinstance(document, dict):
        return None
    text, named = document.get("facts"), document.get("values")
    if not isinstance(text, dict) or not isinstance(named, list) or not (text or named):
        return None
    return {str(label): str(fact) for label, fact in text.items()}, [str(name) for name in named]


def on_page(page: str, label: str, value: str) -> Finding:
    if not _letters(value):
        return Finding.broken("not_on_page", f"“{label}” is empty in the record.")
    if _stands_in(page, value):
        return Finding.holds("on_page", f"“{label}” is printed as sealed: {value}")
    if INDIC.search(value) and _stands_in(_bare(page), _bare(value)):
        text = f"“{label}” has the letters that were sealed; compare its vowel signs by eye: {value}"
        return Finding.unknown("by_eye", text)
    return Finding.broken("not_on_page", f"“{label}” is not printed as sealed. The record says: {value}")


def _stands_in(page: str, value: str) -> bool:
    """White space is free, since lines break; but “100” is not in “1100”, nor in “100.5”."""
    letters, text = _letters(value), _plain(page)
    pattern = r"(?=(" + r"\s*".join(re.escape(letter) for letter in letters) + "))"
    return any(
        _ends(letters[0], text[: found.start(1)][::-1][:2]) and _ends(letters[-1], text[found.end(1) :][:2])
        for found in re.finditer(pattern, text)
    )


def _ends(letter: str, beyond: str) -> bool:
    """Whether a word or number that reaches `letter` ends there, given the two letters beyond it."""
    if not beyond or not letter.isalnum() or ord(letter) >= SPACED:
        return True
    if beyond[0].isalnum() or unicodedata.category(beyond[0]).startswith("M"):
        return False
    return not (letter.isdigit() and beyond[0] in ".," and beyond[1:].isdigit())


def _plain(text: str) -> str:
    """One form of each letter, without the invisible ones that shape it."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


def _letters(text: str) -> str:
    return "".join(_plain(text).split())


def _bare(text: str) -> str:
    """Without the marks that text extraction puts in another place."""
    kept = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.category(c).startswith("M"))
    return "".join(kept)
