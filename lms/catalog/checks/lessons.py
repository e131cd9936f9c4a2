"""Checks of lessons and figures: both languages alike, links that lead somewhere, claims that carry marks."""

import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from lms.catalog.checks.index import Index
from lms.catalog.checks.quizzes import asked_in
from lms.catalog.checks.texts import check_texts, raw_mark
from lms.catalog.checks.wording import MEND, banned
from lms.catalog.formats.figures import check_figure, label_keys
from lms.catalog.formats.item_shapes import HotspotItem
from lms.catalog.formats.outline import Outline, outline
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import EnglishFront, SpanishFront
from lms.catalog.formats.source import (
    SourceCourse,
    SourceFigures,
    SourceLesson,
    SourceModule,
    SourcePage,
)
from lms.catalog.formats.stamping import source_hash

LABEL_WIDTH = 60  # characters of a line; more leaves the plate
LEAST_DESCRIPTION = 20  # characters; it tells a blind student everything
Page = SourcePage[EnglishFront] | SourcePage[SpanishFront]


def check_lessons(source: SourceCourse, found: Index) -> Iterator[Problem]:
    """Every lesson of every module, and every figure."""
    shared: set[str] = set()
    for module in source.modules:
        shown = yield from _module(source, module, found)
        shown |= {one.item.figure for one in asked_in(module) if isinstance(one.item, HotspotItem)}
        yield from _figures(module.figures)
        yield from _unshown(module.figures, shown, [module])
        shared |= shown - set(module.figures.svgs)
    yield from _figures(source.figures)
    yield from _unshown(source.figures, shared, source.modules)


def _module(source: SourceCourse, module: SourceModule, found: Index) -> Generator[Problem, None, set[str]]:
    """The problems of a module's lessons; returns the names of the figures they show."""
    shown: set[str] = set()
    for lesson in module.lessons:
        outlines = {}
        for lang, page in (("en", lesson.en), ("es", lesson.es)):
            if page:
                outlines[lang] = {step.id: outline(step.markdown, step.first_line, lang) for step in page.steps}
                yield from _page(source, module, page, lang, outlines[lang], found)
                shown |= {name for one in outlines[lang].values() for name, _ in one.figures}
        if lesson.en:
            yield from _objectives(module, lesson.en)
        if lesson.en and lesson.es:
            yield from _alike(lesson, outlines)
            yield from _translation(lesson.en, lesson.es)
    return shown


def _page(
    source: SourceCourse,
    module: SourceModule,
    page: Page,
    lang: str,
    outlines: dict[str, Outline],
    found: Index,
) -> Iterator[Problem]:
    ids = Counter(step.id for step in page.steps)
    yield from _titles(page, lang)
    if not ids:
        yield Problem(page.path, 1, "The lesson has no steps.", "Begin one with ## Heading {#id}.")
    for step in page.steps:
        one = outlines[step.id]
        if ids[step.id] > 1:
            yield Problem(page.path, step.line, f"The step {step.id} is here twice.", "Rename one of them.")
        if not step.markdown.strip():
            yield Problem(page.path, step.line, f"The step {step.id} is empty.", "Write its text.")
        for line, what, mend in one.wrong:
            yield Problem(page.path, line, what, mend)
        yield from _links(source, module, page.path, one, found)
        yield from _claims(page.path, one, lang)


def _titles(page: Page, lang: str) -> Iterator[Problem]:
    """The lesson's own title and the headings of its steps: they are shown as they are typed."""
    title = page.front.value.title if page.front.value else ""
    for phrase, _ in banned(title, lang):
        yield page.front.wrong(("title",), f"“{phrase}” must not be claimed.", MEND)
    yield from raw_mark(page.front, ("title",), title)
    for step in page.steps:
        for phrase, _ in banned(step.title, lang):
            yield Problem(page.path, step.line, f"“{phrase}” must not be claimed.", MEND)
        yield from (replace(one, line=step.line) for one in raw_mark(page.front, (), step.title))


def _links(source: SourceCourse, module: SourceModule, path: str, one: Outline, found: Index) -> Iterator[Problem]:
    for term, line in one.terms:
        if found.terms is not None and term not in found.terms:
            yield Problem(path, line, f"The term {term} is not in glossary.yaml.", "Add it or correct the id.")
    for reference, line in one.sources:
        if found.sources is not None and reference not in found.sources:
            what = f"The reference {reference} is not in references.yaml."
            yield Problem(path, line, what, "Add it or correct the id.")
    for figure, line in one.figures:
        if source.figures_for(module, figure) is None:
            what = f"The figure {figure} does not exist."
            yield Problem(path, line, what, f"Draw {module.path}/figures/{figure}.svg or correct the name.")


def _claims(path: str, one: Outline, lang: str) -> Iterator[Problem]:
    for text, line in one.texts:
        for phrase, lines in banned(text, lang):
            yield Problem(path, line + lines, f"“{phrase}” must not be claimed.", MEND)


def _objectives(module: SourceModule, page: SourcePage[EnglishFront]) -> Iterator[Problem]:
    front, file = page.front.value, module.file.value
    own = {objective.id for objective in file.objectives} if file else set()
    for at, objective in enumerate(front.objectives if front and file else ()):
        if objective not in own:
            what = f"The objective {objective} does not exist in this module."
            yield page.front.wrong(("objectives", at), what, "Correct it or add it to module.yaml.")


def _alike(lesson: SourceLesson, outlines: dict[str, dict[str, Outline]]) -> Iterator[Problem]:
    """The same steps in the same order, each with the same figures, claim marks and self-check keys."""
    english, spanish = lesson.en, lesson.es
    if not english or not spanish:
        return
    ours, theirs = [step.id for step in english.steps], [step.id for step in spanish.steps]
    if ours != theirs:
        what = f"The steps differ from the English: {_difference(ours, theirs)}."
        yield Problem(spanish.path, 1, what, "Keep the same step ids in the same order.")
    for step in spanish.steps:
        source = outlines["en"].get(step.id)
        if source and source.shape != outlines["es"][step.id].shape:
            what = f"The step {step.id} has other figures, claim marks or right answers than the English."
            yield Problem(spanish.path, step.line, what, "Keep them as in the English step.")


def _difference(ours: list[str], theirs: list[str]) -> str:
    missing = [id_ for id_ in ours if id_ not in set(theirs)]
    more = [id_ for id_ in theirs if id_ not in set(ours)]
    parts = [f"missing {', '.join(missing)}"] * bool(missing) + [f"added {', '.join(more)}"] * bool(more)
    return "; ".join(parts) or "another order"


def _translation(english: SourcePage[EnglishFront], spanish: SourcePage[SpanishFront]) -> Iterator[Problem]:
    front, source = spanish.front.value, english.front.value
    if not front:
        return
    for key in ("minutes", "objectives", "safety"):
        own = getattr(front, key)
        if source and own is not None and own != getattr(source, key):
            yield spanish.front.wrong((key,), f"{key} differs from the English lesson.", "Remove it here.")
    if not front.source_hash:
        what, mend = "source_hash is empty.", "Run lms content stamp after comparing both languages."
        yield spanish.front.wrong(("source_hash",), what, mend, warning=True)
    elif front.source_hash != source_hash(english.body):
        what = "The English lesson changed after this translation."
        mend = "Compare both languages, then empty source_hash and run lms content stamp."
        yield spanish.front.wrong(("source_hash",), what, mend, warning=True)


def _figures(folder: SourceFigures) -> Iterator[Problem]:
    labels = folder.labels.names  # of entries that are broken too: those were reported
    used: set[tuple[str, str]] = set()
    whole = True
    for name, svg in folder.svgs.items():
        path = f"{folder.path}/{name}.svg"
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            yield Problem(path, 1, "The figure's name is not lower-case-with-hyphens.", "Rename the file.")
        for line, what, mend in check_figure(name, svg, labels) if svg else ():
            yield Problem(path, line, what, mend)
        keys = set(label_keys(svg))
        used |= keys
        whole = whole and bool(keys)
    yield from _labels(folder, used, whole=whole)
    yield from check_texts(folder.labels)


def _labels(folder: SourceFigures, used: set[tuple[str, str]], *, whole: bool) -> Iterator[Problem]:
    """`used` are keys with the element that shows them; not `whole` where a figure could not be read."""
    file = folder.labels.sound
    for key, pair in file.value.root.items() if file.value else ():
        tags = {tag for one, tag in used if one == key}
        if whole and not tags:
            yield file.wrong((key,), f"No figure uses the label {key}.", "Remove it.", warning=True)
        for lang, text in (("en", pair.en), ("es", pair.es)):
            longest = max(len(line) for line in text.split("\n"))
            if "text" in tags and longest > LABEL_WIDTH:
                what = f"A line of {key} has {longest} characters, {LABEL_WIDTH} are the most."
                yield file.wrong((key, lang), what, "Break it with \\n, or say less.")
            if "desc" in tags and len(text) < LEAST_DESCRIPTION:
                what = f"The description {key} has {len(text)} characters."
                yield file.wrong((key, lang), what, "Tell a student who cannot see the figure all that it shows.")


def _unshown(folder: SourceFigures, shown: set[str], modules: Sequence[SourceModule]) -> Iterator[Problem]:
    """Figures that nothing shows, where everything that could show them was read."""
    pages = (page for module in modules for lesson in module.lessons for page in (lesson.en, lesson.es))
    if all(module.file.value and module.quiz.value for module in modules) and all(pages):
        for name in folder.svgs:
            if name not in shown:
                path, what = f"{folder.path}/{name}.svg", "No lesson or question shows this figure."
                yield Problem(path, 1, what, "Show or remove it.", warning=True)
