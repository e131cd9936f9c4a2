"""Checks of quiz.yaml, item by item: keys, stems, links to objectives and steps, words that must not be claimed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lms.catalog.checks.index import Index, repeated
from lms.catalog.checks.texts import At, claims, marks, pairs
from lms.catalog.formats.figures import region_names
from lms.catalog.formats.item_shapes import (
    AnyItem,
    CaseItem,
    HotspotItem,
    MatchingItem,
    MultipleItem,
    OptionShape,
    OrderingItem,
    QuizFile,
    ShortItem,
    SingleItem,
    TrueFalseItem,
)
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import ModuleFile
from lms.catalog.formats.source import SourceCourse, SourceFile, SourceModule
from lms.catalog.items import PLAYED

WORDS_LIMIT = {"en": 25, "es": 32}  # Spanish is about a quarter longer
STORY_LIMIT = {"en": 90, "es": 115}
NEGATIVE = {
    "en": re.compile(r"\bNOT\b|\bEXCEPT\b|\bexcept\b|^Which (?:\w+ ){0,3}(?:is|are|should|may|does|do) not\b"),
    "es": re.compile(r"\bNO\b|\b[Ee][Xx][Cc][Ee][Pp][Tt][Oo]\b|\b[Mm]enos cuál"),
}
CHOICES = {"single": (4, 4), "multiple": (4, 5)}
BANK = 24  # items a module's bank should have at the least


@dataclass(frozen=True, slots=True)
class Asked:
    """One item where it stands in its file; the questions of a case stand inside it."""

    module: SourceModule
    file: SourceFile[QuizFile]
    at: At
    item: AnyItem

    def wrong(self, inside: At, what: str, mend: str, *, warning: bool = False) -> Problem:
        return self.file.wrong((*self.at, *inside), what, mend, warning=warning)


def asked_in(module: SourceModule) -> Iterator[Asked]:
    """Every sound item of the module, a case before its questions."""
    file = module.quiz.sound
    for at, item in enumerate(file.value.items if file.value else ()):
        yield Asked(module, file, ("items", at), item)
        for number, part in enumerate(item.questions if isinstance(item, CaseItem) else ()):
            yield Asked(module, file, ("items", at, "questions", number), part)


def check_quizzes(source: SourceCourse, found: Index) -> Iterator[Problem]:
    all_asked = [one for module in source.modules for one in asked_in(module)]
    yield from repeated(((one.item.id, one.file, one.at) for one in all_asked), "item")
    for one in all_asked:
        yield from _key(one)
        yield from _same_words(one)
        yield from _region(one, source)
        yield from _stem(one)
        yield from _wording(one)
        if one.module.file.value:
            yield from _links(one, one.module.file.value, found)
    for module in source.modules:
        if module.file.value and module.quiz.value:
            yield from _bank(module, module.file.value, module.quiz.value)


def chosen_from(item: AnyItem) -> tuple[str, list[OptionShape]]:
    """The key under which an item's options stand, and those options; both empty where it has none."""
    match item:
        case SingleItem(options=options) | MultipleItem(options=options):
            return "options", options
        case HotspotItem(regions=regions):
            return "regions", regions
    return "", []


def _key(one: Asked) -> Iterator[Problem]:
    item, (key, options) = one.item, chosen_from(one.item)
    yield from repeated(_choices(one), "choice")
    right, total = sum(option.correct for option in options), len(options)
    if item.type == "single" and right != 1:
        yield one.wrong((key,), f"{item.id} has {right} correct options.", "Mark exactly one as correct.")
    elif options and not 1 <= right < total:
        yield one.wrong((key,), f"{item.id} has {right} of {total} correct.", "Mark one or more, but not all.")
    if item.type in CHOICES and not CHOICES[item.type][0] <= total <= CHOICES[item.type][1]:
        least, most = CHOICES[item.type]
        what = f"{item.id} has {total} options; {least} to {most} are usual."
        yield one.wrong((key,), what, "Add or remove options.", warning=True)


def _same_words(one: Asked) -> Iterator[Problem]:
    """Two things to choose from that nobody could tell apart, in either language."""
    key, options = chosen_from(one.item)
    match one.item:
        case MatchingItem(pairs=both, extra=extra):
            rights = [pair.right for pair in both] + [more.text for more in extra]
            lists = [("pairs", "side", [pair.left for pair in both]), ("pairs", "side", rights)]
        case OrderingItem(entries=entries):
            lists = [("entries", "entry", [entry.text for entry in entries])]
        case _:
            lists = [(key, "option", [option.text for option in options])]
    for at, noun, texts in lists:
        for lang in ("en", "es"):
            said = [" ".join(getattr(text, lang).casefold().split()) for text in texts]
            for again in sorted({words for words in said if said.count(words) > 1}):
                what = f"{one.item.id} has the same {noun} twice: “{again}” ({lang})."
                yield one.wrong((at,), what, f"Make each {noun} different.")


def _choices(one: Asked) -> Iterator[tuple[str, SourceFile, At]]:
    match one.item:
        case MatchingItem(pairs=left, extra=extra):
            lists = (("pairs", left), ("extra", extra))
        case OrderingItem(entries=entries):
            lists = (("entries", entries),)
        case ShortItem(criteria=criteria):
            lists = (("criteria", criteria),)
        case _:
            lists = (chosen_from(one.item),)
    return ((thing.id, one.file, (*one.at, key, n)) for key, things in lists for n, thing in enumerate(things))


def _region(one: Asked, source: SourceCourse) -> Iterator[Problem]:
    item = one.item
    if not isinstance(item, HotspotItem):
        return
    folder = source.figures_for(one.module, item.figure)
    if folder is None:
        mend = f"Draw {one.module.figures.path}/{item.figure}.svg or correct the name."
        yield one.wrong(("figure",), f"The figure {item.figure} does not exist.", mend)
        return
    known = region_names(folder.svgs[item.figure])
    for number, region in enumerate(item.regions):
        if region.id not in known:
            what = f"The figure {item.figure} has no region {region.id}."
            mend = f"Mark a shape of it with data-region, or use one of: {', '.join(sorted(known)) or 'none yet'}."
            yield one.wrong(("regions", number, "id"), what, mend)


def _stem(one: Asked) -> Iterator[Problem]:
    item = one.item
    limits = STORY_LIMIT if isinstance(item, CaseItem) else WORDS_LIMIT
    for lang, text in (("en", item.stem.en), ("es", item.stem.es)):
        count = len(text.split())
        if count > limits[lang]:
            what = f"The stem of {item.id} has {count} words, {limits[lang]} are the limit."
            yield one.wrong(("stem", lang), what, "Ask one thing in a short sentence.")
        if NEGATIVE[lang].search(text):
            what = f"The stem of {item.id} asks for the exception."
            yield one.wrong(("stem", lang), what, "Ask for what is right, without NOT or EXCEPT.")
    for lang, text in (("en", item.story.en), ("es", item.story.es)) if item.story else ():
        if len(text.split()) > STORY_LIMIT[lang]:
            what = f"The story of {item.id} has {len(text.split())} words, {STORY_LIMIT[lang]} are the limit."
            yield one.wrong(("story", lang), what, "Tell only what the question needs.")


def _wording(one: Asked) -> Iterator[Problem]:
    for path, pair in pairs(one.item):
        if path[0] != "questions":  # these are asked about on their own
            yield from marks(one.file, (*one.at, *path), pair)
            if not _is_wrong(one.item, path):
                yield from claims(one.file, (*one.at, *path), pair)


def _is_wrong(item: AnyItem, path: At) -> bool:
    """Whether it stands for a mistake, or explains one: a wrong option, a false statement. It may name a saying."""
    key, options = chosen_from(item)
    if key and path[0] == key:
        return not options[int(path[1])].correct
    if isinstance(item, TrueFalseItem):
        return path[0] in (("why_false",) if item.answer else ("stem", "why_true"))
    return path[0] == "extra"


def _links(one: Asked, module: ModuleFile, found: Index) -> Iterator[Problem]:
    item = one.item
    if item.objective not in {objective.id for objective in module.objectives}:
        what = f"The objective {item.objective} does not exist in this module."
        yield one.wrong(("objective",), what, "Correct it or add it to module.yaml.")
    lesson, _, step = item.lesson.partition("#")
    if not found.has_step(module.id, lesson, step):
        what = f"The step {item.lesson} does not exist in this module."
        yield one.wrong(("lesson",), what, "Name the lesson and step that teach it.")


def _bank(module: SourceModule, file: ModuleFile, quiz: QuizFile) -> Iterator[Problem]:
    playable = sum(item.type in PLAYED for item in quiz.items)
    if file.quiz.draw > playable:
        what = f"The quiz draws {file.quiz.draw} items; {playable} exist of the types that quizzes ask."
        yield module.file.wrong(("quiz", "draw"), what, "Draw fewer or write more.")
    if len(quiz.items) < BANK:
        what = f"The bank of {file.id} has {len(quiz.items)} items, {BANK} are the least."
        yield module.quiz.wrong(("items",), what, "Write more items.", warning=True)
