"""Checks of the product's own words: templates and catalogues must not claim what the course must not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lms.catalog.checks.wording import MEND, banned
from lms.catalog.formats.problems import Problem


@dataclass(frozen=True, slots=True)
class Said:
    """One text that a page, mail or document may show."""

    file: str
    line: int
    lang: str
    text: str


def check_pages(texts: Sequence[Said]) -> Iterator[Problem]:
    for said in texts:
        for phrase, lines in banned(said.text, said.lang):
            yield Problem(said.file, said.line + lines, f"“{phrase}” must not be claimed.", MEND)
