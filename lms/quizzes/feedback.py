"""What a student is told about an attempt that was handed in. Pure.

Until the key is released (lms/quizzes/rules.py) a wrong answer gets its topic, the step that teaches it and, where one
option was chosen, that option's own reason. The better answer stays untold, and so do the reasons of questions with
several right options or a number: they would tell which of the chosen were right, or the number itself.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from lms.catalog.items import Item, ItemType
from lms.catalog.text import Text
from lms.catalog.types import Module
from lms.quizzes.types import Answered, Feedback, Question, Score, Topic

TELLS_ONLY_ITSELF = (ItemType.SINGLE, ItemType.TRUE_FALSE)


def feedback(
    module: Module,
    questions: Sequence[Question],
    answers: Mapping[str, list[str]],
    right: Collection[str],
    *,
    released: bool,
) -> Feedback:
    """`right` are the items that were judged right when the attempt was handed in."""
    told = [
        _answered(module, question, answers.get(question.item_id, []), question.item_id in right, released=released)
        for question in questions
    ]
    groups: dict[str, list[Answered]] = defaultdict(list)
    for one in told:
        groups[module.item(one.question.item_id).objective].append(one)
    known = [objective for objective in module.objectives if objective.id in groups]
    return Feedback(
        topics=tuple(Topic(o.text, Score(sum(one.right for one in groups[o.id]), len(groups[o.id]))) for o in known),
        misses={o.id: wrong for o in known if (wrong := tuple(one for one in groups[o.id] if not one.right))},
        titles={o.id: o.text for o in known},
        right=tuple(one for one in told if one.right) if released else (),
        released=released,
    )


def _answered(module: Module, question: Question, answer: list[str], right: bool, *, released: bool) -> Answered:
    item = module.item(question.item_id)
    lesson = module.lesson(item.lesson_id)
    return Answered(
        question=question,
        right=right,
        chosen=tuple(question.told(answer)),
        better=_key(item, question) if released else (),
        why=_why(item, answer, released=released),
        lesson_id=item.lesson_id,
        step_id=item.step_id,
        lesson=lesson.title,
        step=lesson.step(item.step_id).title,
    )


def _key(item: Item, question: Question) -> tuple[Text, ...]:
    if item.type is not ItemType.NUMERIC:
        return tuple(text for option, text in question.options if option in item.correct_ids)
    unit = item.unit or Text("")
    value = f"{item.value:g}"
    return (Text(f"{value} {unit.en}".strip(), f"{value} {unit.get('es')}".strip()),)


def _why(item: Item, answer: list[str], *, released: bool) -> tuple[Text, ...]:
    if released and item.type is ItemType.NUMERIC:
        return (item.why,) if item.why else ()
    if not released and item.type not in TELLS_ONLY_ITSELF:
        return ()
    wrong = [option for option in item.options if option.id in answer and not option.correct]
    missed = [option for option in item.options if option.correct and option.id not in answer]
    return tuple(option.why for option in wrong + (missed if released else []))
