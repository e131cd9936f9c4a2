"""Checked questions made into items of an edition."""

from dataclasses import replace

from lms.catalog.formats import item_shapes as shapes
from lms.catalog.formats.canonical import address_of
from lms.catalog.formats.source import SourceCourse, SourceModule
from lms.catalog.items import Item, ItemType, Option
from lms.catalog.text import Text

RIGHT_WORD, WRONG_WORD = Text("True", "Verdadero"), Text("False", "Falso")


def items_of(source: SourceCourse, module: SourceModule) -> tuple[Item, ...]:
    """The items of the module's quiz.yaml, in its order."""
    return tuple(build_item(one, source, module) for one in (module.quiz.value.items if module.quiz.value else ()))


def figure_address(source: SourceCourse, module: SourceModule, name: str) -> str:
    """What an edition calls the figure: that of a module carries its id."""
    own = module.file.value if name in module.figures.svgs else None
    return f"{own.id}/{name}" if own else name


def build_item(one: shapes.AnyItem, source: SourceCourse, module: SourceModule) -> Item:
    lesson_id, _, step_id = one.lesson.partition("#")
    item = Item(
        id=one.id,
        hash="",
        type=ItemType(one.type),
        objective=one.objective,
        bloom=one.bloom,
        difficulty=one.difficulty,
        safety=one.safety,
        lesson_id=lesson_id,
        step_id=step_id,
        stem=one.stem.text(),
        story=one.story.text() if one.story else None,
        options=_options(one),
    )
    match one:
        case shapes.NumericItem(answer=answer, why=why):
            item = replace(
                item, value=answer.value, tolerance=answer.tolerance, unit=answer.unit.text(), why=why.text()
            )
        case shapes.HotspotItem(figure=name):
            item = replace(item, figure=figure_address(source, module, name))
        case shapes.ShortItem(model=model):
            item = replace(item, model=model.text())
        case shapes.CaseItem(questions=questions):
            item = replace(item, parts=tuple(build_item(part, source, module) for part in questions))
    return replace(item, hash=address_of(item))


def _options(one: shapes.AnyItem) -> tuple[Option, ...]:
    match one:
        case shapes.SingleItem(options=options) | shapes.MultipleItem(options=options):
            return tuple(_option(option) for option in options)
        case shapes.HotspotItem(regions=regions):
            return tuple(_option(region) for region in regions)
        case shapes.TrueFalseItem(answer=answer):
            return (
                Option("true", answer, RIGHT_WORD, one.why_true.text()),
                Option("false", not answer, WRONG_WORD, one.why_false.text()),
            )
        case shapes.MatchingItem(pairs=pairs, extra=extra):
            belong = (Option(pair.id, True, pair.left.text(), pair.why.text(), pair.right.text()) for pair in pairs)
            alone = (Option(more.id, False, more.text.text(), more.why.text()) for more in extra)
            return (*belong, *alone)
        case shapes.OrderingItem(entries=entries):
            return tuple(Option(entry.id, True, entry.text.text(), entry.why.text()) for entry in entries)
        case shapes.ShortItem(criteria=criteria):
            return tuple(Option(c.id, True, c.text.text(), c.why.text(), points=c.points) for c in criteria)
    return ()


def _option(option: shapes.OptionShape) -> Option:
    return Option(option.id, option.correct, option.text.text(), option.why.text())
