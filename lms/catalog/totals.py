"""How much a course holds, counted from its files. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lms.catalog.checks.prose import Measured, measure, pages
from lms.catalog.coverage import all_items
from lms.catalog.formats.readability import Reading
from lms.catalog.formats.source import SourceCourse
from lms.catalog.items import PLAYED
from lms.catalog.types import Edition


@dataclass(frozen=True, slots=True)
class Words:
    """All lessons in one language."""

    words: int
    minutes: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Totals:
    modules: int
    lessons: int
    steps: int
    minutes: dict[str, int]  # clock minutes by kind
    items: dict[str, int]  # by type; a case counts once
    blooms: dict[str, int]  # of all questions, those inside cases too
    skills: dict[str, int]  # steps by skill
    figures: int
    sessions: int
    glossary: int
    references: int
    words: dict[str, Words]  # by language

    def as_dict(self) -> dict[str, object]:
        return {
            "modules": self.modules,
            "lessons": self.lessons,
            "steps": self.steps,
            "minutes": self.minutes,
            "items": self.items,
            "blooms": self.blooms,
            "skills": self.skills,
            "figures": self.figures,
            "sessions": self.sessions,
            "glossary": self.glossary,
            "references": self.references,
            "words": {
                lang: {"words": one.words, "minutes": one.minutes, **_level(one.reading, lang)}
                for lang, one in self.words.items()
            },
        }


def totals(source: SourceCourse, edition: Edition) -> Totals:
    """`edition` is what `source` becomes."""
    questions = [item for module in edition.modules for item in all_items(module)]
    return Totals(
        modules=len(edition.modules),
        lessons=sum(len(module.lessons) for module in edition.modules),
        steps=sum(len(lesson.steps) for module in edition.modules for lesson in module.lessons),
        minutes=edition.minutes_by_kind,
        items=dict(Counter(item.type.value for item in edition.items).most_common()),
        blooms=dict(Counter(item.bloom.value for item in questions if not item.parts).most_common()),
        skills={skill.id: len(skill.steps) for skill in edition.skills},
        figures=sum(len(module.figures.svgs) for module in source.modules) + len(source.figures.svgs),
        sessions=sum(len(module.sessions) for module in edition.modules),
        glossary=len(edition.glossary),
        references=len(edition.references),
        words={lang: _words(source, lang) for lang in edition.languages},
    )


def _words(source: SourceCourse, lang: str) -> Words:
    measured = list(_measured(source, lang))
    return Words(
        words=sum(one.words for one, _stated in measured),
        minutes=round(sum(one.minutes(stated) for one, stated in measured)),
        reading=Reading(
            words=sum(one.reading.words for one, _stated in measured),
            sentences=sum(one.reading.sentences for one, _stated in measured),
            syllables=sum(one.reading.syllables for one, _stated in measured),
        ),
    )


def _measured(source: SourceCourse, lang: str) -> Iterator[tuple[Measured, int]]:
    for module in source.modules:
        for lesson in module.lessons:
            front = lesson.en.front.value if lesson.en else None
            stated = front.minutes.cases + front.minutes.practice if front else 0
            for language, page in pages(lesson):
                if language == lang:
                    yield measure(page, lang), stated


def _level(reading: Reading, lang: str) -> dict[str, float]:
    return {"ease": round(reading.ease, 1)} if lang == "es" else {"grade": round(reading.grade, 1)}


def as_text(found: Totals) -> str:
    """For a terminal."""
    hours = sum(found.minutes.values()) / 60
    kinds = ", ".join(f"{kind} {minutes / 60:g} h" for kind, minutes in found.minutes.items())
    waiting = sum(count for kind, count in found.items.items() if kind not in PLAYED)
    lines = [
        f"{found.modules} modules, {found.lessons} lessons, {found.steps} steps, {found.sessions} class plans",
        f"{hours:g} clock hours: {kinds}",
        f"{sum(found.items.values())} items: {_counts(found.items)}; {waiting} of types that quizzes do not ask yet",
        f"Bloom levels of {sum(found.blooms.values())} questions: {_counts(found.blooms)}",
        f"{len(found.skills)} skills, {sum(found.skills.values())} checklist steps: {_counts(found.skills)}",
        f"{found.figures} figures, {found.glossary} glossary terms, {found.references} references",
    ]
    for lang, one in found.words.items():
        level = f"Szigriszt-Pazos {one.reading.ease:.0f}" if lang == "es" else f"US grade {one.reading.grade:.1f}"
        lines.append(f"{lang}: {one.words:,} words, {one.minutes:,} minutes of lessons, {level}")
    return "\n".join(lines)


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.items())
