"""The shape of quiz.yaml: every type of item, with a reason for each thing that can be chosen."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from lms.catalog.formats.shape import Id, Number, Pair, Shape, Slug, Whole, YesNo
from lms.catalog.items import Bloom

StepLink = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+#[a-z0-9-]+$")]
BloomWord = Annotated[Bloom, BeforeValidator(lambda word: "analyse" if word == "analyze" else word)]


class OptionShape(Shape):
    id: Slug
    correct: YesNo
    text: Pair
    why: Pair


class ItemShape(Shape):
    id: Id
    objective: Id
    bloom: BloomWord
    difficulty: Annotated[Whole, Field(ge=1, le=3)]
    safety: YesNo
    lesson: StepLink
    stem: Pair
    story: Pair | None = None


class SingleItem(ItemShape):
    type: Literal["single"]
    options: Annotated[list[OptionShape], Field(min_length=2)]


class MultipleItem(ItemShape):
    type: Literal["multiple"]
    options: Annotated[list[OptionShape], Field(min_length=2)]


class TrueFalseItem(ItemShape):
    type: Literal["true_false"]
    answer: YesNo
    why_true: Pair
    why_false: Pair


class NumericAnswer(Shape):
    value: Number
    tolerance: Annotated[Number, Field(ge=0)]
    unit: Pair


class NumericItem(ItemShape):
    type: Literal["numeric"]
    answer: NumericAnswer
    why: Pair


class PairShape(Shape):
    id: Slug
    left: Pair
    right: Pair
    why: Pair


class ExtraShape(Shape):
    id: Slug
    text: Pair
    why: Pair


class MatchingItem(ItemShape):
    """Left and right sides that belong together; `extra` are right sides that belong to none."""

    type: Literal["matching"]
    pairs: Annotated[list[PairShape], Field(min_length=3, max_length=6)]
    extra: Annotated[list[ExtraShape], Field(max_length=3)] = []


class OrderingItem(ItemShape):
    """The entries stand in the right order."""

    type: Literal["ordering"]
    entries: Annotated[list[ExtraShape], Field(min_length=3, max_length=8)]


class HotspotItem(ItemShape):
    """Some regions of a figure; their texts are the list for whoever does not point."""

    type: Literal["hotspot"]
    figure: Slug
    regions: Annotated[list[OptionShape], Field(min_length=2, max_length=12)]


class CriterionShape(Shape):
    id: Slug
    points: Annotated[Whole, Field(ge=1, le=5)]
    text: Pair
    why: Pair


class ShortItem(ItemShape):
    """A few written words; a person gives points by the criteria."""

    type: Literal["short"]
    model: Pair
    criteria: Annotated[list[CriterionShape], Field(min_length=2, max_length=8)]


AskedItem = Annotated[SingleItem | MultipleItem | TrueFalseItem | NumericItem, Field(discriminator="type")]


class CaseItem(ItemShape):
    """A story, told in the stem, with two to four questions."""

    type: Literal["case"]
    questions: Annotated[list[AskedItem], Field(min_length=2, max_length=4)]


AnyItem = Annotated[
    SingleItem
    | MultipleItem
    | TrueFalseItem
    | NumericItem
    | MatchingItem
    | OrderingItem
    | HotspotItem
    | ShortItem
    | CaseItem,
    Field(discriminator="type"),
]


class QuizFile(Shape):
    items: Annotated[list[AnyItem], Field(min_length=1)]
