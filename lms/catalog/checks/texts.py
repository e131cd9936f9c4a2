"""Checks of the bilingual texts inside YAML: no claim that must not be made, no mark that only lessons understand."""

import re
from collections.abc import Iterable, Iterator

from pydantic import RootModel

from lms.catalog.checks.wording import MEND, banned
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.shape import Pair, Shape
from lms.catalog.formats.source import SourceFile

At = tuple[str | int, ...]
RAW_MARK = re.compile(r"\[\[|\[@|\*\*|\]\(|\{(?:effect|dose|time|law)\b|</?[A-Za-z][^<>]*>")


def check_texts(file: SourceFile, skip: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Every pair of what is sound in a file; what stands under the keys of `skip` may claim anything."""
    file = file.sound
    for at, pair in pairs(file.value):
        yield from marks(file, at, pair)
        if not any(str(part) in skip for part in at):
            yield from claims(file, at, pair)


def claims(file: SourceFile, at: At, pair: Pair) -> Iterator[Problem]:
    for lang, text in (("en", pair.en), ("es", pair.es)):
        for phrase, _ in banned(text, lang):
            yield file.wrong((*at, lang), f"“{phrase}” must not be claimed.", MEND)


def marks(file: SourceFile, at: At, pair: Pair) -> Iterator[Problem]:
    for lang, text in (("en", pair.en), ("es", pair.es)):
        yield from raw_mark(file, (*at, lang), text)


def raw_mark(file: SourceFile, at: At, text: str) -> Iterator[Problem]:
    """A mark of lessons in a text that is shown as it is typed."""
    if found := RAW_MARK.search(text):
        what = f"“{found[0]}” is shown as it is typed here: marks, HTML and links are for the text of lessons."
        yield file.wrong(at, what, "Write plain words.", warning=True)


def pairs(value: object, at: At = ()) -> Iterator[tuple[At, Pair]]:
    """Every bilingual text inside a shaped value, with its path."""
    if isinstance(value, Pair):
        yield at, value
        return
    for key, inside in _inside(value):
        yield from pairs(inside, (*at, key))


def _inside(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, RootModel):
        return _inside(value.root)
    if isinstance(value, Shape):
        fields = type(value).model_fields.items()
        return ((field.alias or name, getattr(value, name)) for name, field in fields)
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
