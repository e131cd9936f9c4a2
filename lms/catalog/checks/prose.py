"""Checks of how lessons read: reading level, long sentences, and whether planned minutes are honest."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lms.catalog.formats.outline import outline
from lms.catalog.formats.plain import paragraphs, plain
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.readability import WORD, Reading, read, sentences
from lms.catalog.formats.schemas import EnglishFront, SpanishFront
from lms.catalog.formats.source import SourceCourse, SourceLesson, SourcePage, SourceStep

Page = SourcePage[EnglishFront] | SourcePage[SpanishFront]
WORDS_A_MINUTE = 150
FIGURE_MINUTES = 1.0
CHECK_MINUTES = 1.5
NEAR = (0.8, 1.25)
STATED_SHARE = 0.2  # of a lesson's plan may be cases and practice, whose minutes nobody can count
HARDEST_GRADE = 8.0  # Flesch-Kincaid, English
LEAST_EASE = 60.0  # Szigriszt-Pazos, Spanish: 55 to 65 is normal, as a newspaper reads
LONGEST = {"en": 25, "es": 30}  # words up to a stop, colon or semicolon
ONE_TERM = {"en": "term", "es": "tema"}
CLAUSE_END = re.compile(r"[:;]\s")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one page of a lesson takes and how it reads. `reading` is over whole sentences, terms left out."""

    words: int
    figures: int
    checks: int
    reading: Reading

    def minutes(self, stated: int) -> float:
        """Counted minutes; `stated` are the author's, for cases and practice."""
        return self.words / WORDS_A_MINUTE + self.figures * FIGURE_MINUTES + self.checks * CHECK_MINUTES + stated


def measure(page: Page, lang: str) -> Measured:
    outlines = [outline(step.markdown, step.first_line, lang) for step in page.steps]
    prose = "\n".join(
        line
        for step in page.steps
        for line in plain(step.markdown, ONE_TERM[lang]).split("\n")
        if line.rstrip('"”»)').endswith((".", "!", "?", "…"))
    )
    return Measured(
        words=sum(len(WORD.findall(f"{step.title} {plain(step.markdown)}")) for step in page.steps),
        figures=sum(len(one.figures) for one in outlines),
        checks=sum(len(one.keys) for one in outlines),
        reading=read(prose, lang),
    )


def check_prose(source: SourceCourse) -> Iterator[Problem]:
    for module in source.modules:
        for lesson in module.lessons:
            measured = [(lang, page, measure(page, lang)) for lang, page in pages(lesson)]
            for lang, page, one in measured:
                yield from _level(page, one, lang)
                for step in page.steps:
                    yield from _long_sentences(page, step, lang)
            yield from _minutes(lesson, [(page, one) for _lang, page, one in measured])


def pages(lesson: SourceLesson) -> Iterator[tuple[str, Page]]:
    """The languages in which the lesson is there."""
    if lesson.en:
        yield "en", lesson.en
    if lesson.es:
        yield "es", lesson.es


def _level(page: Page, measured: Measured, lang: str) -> Iterator[Problem]:
    grade, ease = measured.reading.grade, measured.reading.ease
    if lang == "en" and grade > HARDEST_GRADE:
        what = f"The lesson reads at US grade {grade:.1f}; {HARDEST_GRADE:g} is the most."
        yield Problem(page.path, 1, what, "Use shorter sentences and plainer words.")
    if lang == "es" and measured.reading.words and ease < LEAST_EASE:
        what = f"The lesson reads at {ease:.0f} on the scale of Szigriszt-Pazos; {LEAST_EASE:g} is the least."
        yield Problem(page.path, 1, what, "Use shorter sentences and plainer words.")


def _long_sentences(page: Page, step: SourceStep, lang: str) -> Iterator[Problem]:
    for before, said in paragraphs(step.markdown):
        for sentence in sentences(CLAUSE_END.sub(". ", said)):
            count = len(WORD.findall(sentence))
            if count > LONGEST[lang]:
                what = f"A sentence has {count} words, {LONGEST[lang]} are the most: “{sentence[:60]}…”"
                yield Problem(page.path, step.first_line + before, what, "Make two sentences of it, or a list.")


def _minutes(lesson: SourceLesson, measured: list[tuple[Page, Measured]]) -> Iterator[Problem]:
    """The plan, declared once in the English page, against what each language takes."""
    front = lesson.en.front.value if lesson.en else None
    if lesson.en is None or front is None:
        return
    planned: Mapping[str, int] = front.minutes.model_dump()
    total, stated = sum(planned.values()), planned["cases"] + planned["practice"]
    if total and stated > total * STATED_SHARE:
        what = f"{stated} of {total} minutes are for cases and practice; a fifth is the most."
        yield lesson.en.front.wrong(("minutes",), what, "Leave the longer work to a class session.")
    for page, one in measured:
        counted = one.minutes(stated)
        if not total * NEAR[0] <= counted <= total * NEAR[1]:
            what = f"{total} minutes are planned; this page takes {counted:.0f}."
            mend = f"Plan what it takes: {_advice(one)}."
            yield page.front.wrong(("minutes",), what, mend)


def _advice(measured: Measured) -> str:
    reading, checks = round(measured.words / WORDS_A_MINUTE), round(measured.checks * CHECK_MINUTES)
    return f"reading {reading}, figures {measured.figures}, checks {checks}, then cases and practice"
