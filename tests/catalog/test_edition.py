"""From files to an edition, to canonical JSON, and back."""

from dataclasses import FrozenInstanceError, replace
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.catalog.formats.building import Unreadable, build_edition
from lms.catalog.formats.canonical import address_of, canonical, from_json, hash_of, to_json
from lms.catalog.formats.reading import read_course
from lms.catalog.items import ItemType
from lms.catalog.text import Text
from lms.catalog.types import Edition, Reference, SpanishStatus, Statement, Term
from tests import synthetic
from tests.catalog.small_course import ENGLISH, QUIZ, REFERENCES, SKILL, SPANISH, SmallCourse


@pytest.fixture
def edition(course: SmallCourse) -> Edition:
    return build_edition(read_course(course.root))


def test_an_edition_says_what_the_files_say(edition: Edition) -> None:
    module, skill = edition.module("M01"), edition.skill("S01")

    assert edition.minutes_by_kind == {"theory_online": 6, "theory_in_person": 60, "lab": 0, "final_practical": 0}
    assert (module.quiz.pass_percent, module.quiz.draw, module.quiz.attempts, module.quiz.wait_minutes) == (
        90,
        2,
        3,
        30,
    )
    assert module.title.get("es") == "Manos"
    assert edition.lesson("M01", "clean-hands").total_minutes == 3
    assert [step.number for step in skill.steps] == [1, 2]
    assert (skill.steps[1].module_id, skill.steps[1].lesson_id, skill.steps[1].step_id) == (
        "M01",
        "clean-hands",
        "dry",
    )
    assert skill.slug == "S01-wash"


def test_items_that_a_quiz_asks(edition: Edition) -> None:
    single, multiple, statement, number = edition.module("M01").played

    assert single.correct_ids == {"a"}
    assert multiple.correct_ids == {"a", "b"}
    assert statement.type is ItemType.TRUE_FALSE
    assert statement.correct_ids == {"false"}
    assert statement.option("true").why.en == "Water carries it off."
    assert (number.value, number.tolerance, number.options) == (20, 2.5, ())


def test_items_that_wait_for_the_quiz_to_ask_them(edition: Edition) -> None:
    matching, ordering, hotspot, short, case = (item for item in edition.items if not item.played)

    assert [(option.text.en, option.match.en if option.match else None) for option in matching.options] == [
        ("Water", "Rinses"),
        ("Soap", "Loosens"),
        ("Towel", "Dries"),
        ("Heats", None),
    ]
    assert [option.text.en for option in ordering.options] == ["Wet", "Scrub", "Rinse"]
    assert (hotspot.correct_ids, hotspot.figure) == ({"tap"}, "M01/wash-hands")
    assert 'data-region="tap"' in edition.maps["M01/wash-hands"].es
    assert short.model is not None
    assert [option.points for option in short.options] == [2, 1]
    assert [part.id for part in case.parts] == ["M01-Q09a", "M01-Q09b"]


def test_a_lesson_is_html_in_both_languages_with_ids_of_its_own(edition: Edition) -> None:
    step = edition.lesson("M01", "clean-hands").step("wash")

    assert 'id="clean-hands-wash-wash-hands-t"' in step.html.en
    assert 'id="clean-hands-wash-es-wash-hands-t"' in step.html.es
    assert "Establecido" in step.html.es
    assert "::: " not in step.html.en


def test_what_is_not_there_is_a_key_error(edition: Edition) -> None:
    for ask in (edition.module, edition.skill, edition.item, edition.statement):
        with pytest.raises(KeyError):
            ask("M77")


def test_an_edition_cannot_be_changed(edition: Edition) -> None:
    with pytest.raises(FrozenInstanceError):
        edition.title = Text("x")  # type: ignore[misc]
    with pytest.raises(TypeError):
        edition.modules[0].minutes["lab"] = 9  # type: ignore[index]


def test_the_same_files_give_the_same_hash(course: SmallCourse, edition: Edition) -> None:
    assert hash_of(to_json(build_edition(read_course(course.root)))) == hash_of(to_json(edition))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (QUIZ, "¿Qué seca las manos?", "¿Qué las seca?"),
        (ENGLISH, "Ana finds", "Eva finds"),
        (REFERENCES, "2021", "2022"),
    ],
)
def test_any_change_of_either_language_gives_another_hash(
    course: SmallCourse, edition: Edition, path: str, old: str, new: str
) -> None:
    course.change(path, old, new)

    assert to_json(build_edition(read_course(course.root))) != to_json(edition)


def test_an_items_hash_covers_its_key_and_its_spanish_and_nothing_of_others(
    course: SmallCourse, edition: Edition
) -> None:
    course.change(QUIZ, "¿Qué seca las manos?", "¿Qué las seca?")
    course.change(SKILL, "Frota", "Frote")
    changed = build_edition(read_course(course.root))

    assert changed.item("M01-Q01").hash == edition.item("M01-Q01").hash
    assert changed.item("M01-Q02").hash != edition.item("M01-Q02").hash
    assert changed.skill("S01").hash != edition.skill("S01").hash


def test_a_broken_course_is_not_built(course: SmallCourse) -> None:
    course.remove(SPANISH)

    with pytest.raises(Unreadable):
        build_edition(read_course(course.root))


def test_a_course_survives_the_round_trip(edition: Edition) -> None:
    assert from_json(to_json(edition)) == edition
    assert to_json(from_json(to_json(edition))) == to_json(edition)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
texts = st.builds(Text, words, words)
ids = st.text("abcdefgh-0123456789", min_size=1, max_size=8)
editions = st.builds(
    Edition,
    course_id=ids,
    edition_id=ids,
    part=st.booleans(),
    title=texts,
    edition_title=texts,
    serial_code=ids,
    languages=st.lists(ids, max_size=2).map(tuple),
    spanish_status=st.sampled_from(SpanishStatus),
    modules=st.just(()),
    skills=st.just(()),
    glossary=st.dictionaries(ids, st.builds(Term, ids, texts, texts), max_size=3).map(MappingProxyType),
    references=st.dictionaries(ids, st.builds(Reference, ids, words, words, words), max_size=3).map(MappingProxyType),
    statements=st.lists(
        st.builds(Statement, ids, st.dates(date(1900, 1, 1), date(2100, 1, 1)), words, texts, texts),
        max_size=3,
    ).map(tuple),
)


@given(editions)
@settings(max_examples=60, deadline=None)
def test_any_edition_survives_the_round_trip(any_edition: Edition) -> None:
    assert from_json(to_json(any_edition)) == any_edition


@given(value=st.floats(allow_nan=False, allow_infinity=False), tolerance=st.floats(0, 1e6), stem=texts)
@settings(max_examples=60, deadline=None)
def test_any_number_survives_the_round_trip(value: float, tolerance: float, stem: Text) -> None:
    edition = from_json(SMALL)
    module = edition.modules[0]
    number = replace(module.items[3], value=value, tolerance=tolerance, stem=stem)
    changed = replace(edition, modules=(replace(module, items=(number,)),))

    assert from_json(to_json(changed)) == changed


@pytest.fixture(scope="module", autouse=True)
def _small(tmp_path_factory: pytest.TempPathFactory) -> None:
    global SMALL
    SMALL = to_json(build_edition(read_course(SmallCourse(tmp_path_factory.mktemp("small")).root)))


def test_canonical_json_has_one_spelling() -> None:
    assert canonical({"b": 1.0, "a": "é"}) == '{"a":"é","b":1}'


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Davis HL, Alabed S. Effect of sports massage. BMJ Open 2020;6:e000614 (29 studies)", "Davis 2020"),
        ("Mak S et al. Use of massage therapy for pain, 2018-2023. JAMA Netw Open 2024;7(7)", "Mak 2024"),
        ("California Business and Professions Code 2630.4 (aide)", "California Business and Professions Code 2630.4"),
        ("Werner R. A guide to pathology (textbook)", "Werner"),
    ],
)
def test_a_reference_is_cited_in_a_few_words(text: str, short: str) -> None:
    assert Reference("R-X", text, "full").short == short


def test_an_item_keeps_its_identity_when_items_learn_to_say_more() -> None:
    """The hash is the one of the day when items had fewer fields: fields that came later say nothing about it."""
    shipped = synthetic.item("M01", 1)
    assert address_of(shipped) == shipped.hash == "3ad496d45df93d7e8a707657d67cb43674511e15d8267ad7ece934dc5be00560"
    assert address_of(replace(shipped, story=Text("A story.", "Un relato."))) != shipped.hash
