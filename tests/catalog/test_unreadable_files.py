"""What cannot be read is refused in a sentence, fast, and hides nothing that can be read."""

import pytest

from lms.catalog.checks.index import index
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.reading import read_course
from tests.catalog.small_course import (
    COURSE,
    ENGLISH,
    FIGURE,
    FILES,
    GLOSSARY,
    LABELS,
    MODULE,
    QUIZ,
    REFERENCES,
    SCOPE,
    SKILL,
    SPANISH,
    SmallCourse,
)


def said_of(course: SmallCourse, path: str) -> list[str]:
    return [one.what for one in course.errors() if one.file == path]


@pytest.mark.parametrize("path", [COURSE, MODULE, QUIZ, SKILL, GLOSSARY, SCOPE, LABELS, ENGLISH, SPANISH, FIGURE])
def test_a_file_of_more_than_a_megabyte_is_refused_unread(course: SmallCourse, path: str) -> None:
    course.write(path, course.read(path) + "\n#" + "[" * 1_000_000)

    assert any("1,000,000 are the most" in what for what in said_of(course, path))


@pytest.mark.parametrize("text", ["", " \n\n", "# only a comment\n"])
@pytest.mark.parametrize("path", [COURSE, MODULE, QUIZ, SKILL, GLOSSARY, REFERENCES, SCOPE, LABELS])
def test_an_empty_file_is_called_empty(course: SmallCourse, path: str, text: str) -> None:
    course.write(path, text)

    assert said_of(course, path) == ["This file is empty."]


@pytest.mark.parametrize("path", [ENGLISH, SPANISH, FIGURE])
def test_an_empty_lesson_or_figure_is_called_empty(course: SmallCourse, path: str) -> None:
    course.write(path, "")

    assert said_of(course, path) == ["This file is empty."]


def test_an_empty_front_matter_is_called_so(course: SmallCourse) -> None:
    course.write(ENGLISH, "---\n---\n## Wash {#wash}\nWash.\n")

    assert "The front matter is empty." in said_of(course, ENGLISH)


def test_a_folder_in_the_place_of_a_file_is_told(course: SmallCourse) -> None:
    course.remove(SKILL)
    (course.root / SKILL).mkdir()

    assert said_of(course, SKILL) == ["This is no file."]


def test_a_line_that_no_program_should_read_is_refused(course: SmallCourse) -> None:
    course.change(ENGLISH, "A clean hand keeps people well.", "[" * 20_001)

    line = course.read(ENGLISH).split("\n").index("[" * 20_001) + 1

    assert [(one.file, one.line) for one in course.errors() if "20,000 characters" in one.what] == [(ENGLISH, line)]


def test_the_mark_that_some_editors_put_first_is_accepted(course: SmallCourse) -> None:
    for path in FILES:
        course.write(path, "\ufeff" + course.read(path))

    assert course.errors() == []


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[\n"])
def test_deep_nesting_is_refused_and_does_not_overflow(course: SmallCourse, opening: str) -> None:
    course.write(GLOSSARY, opening * 100_000)

    assert said_of(course, GLOSSARY) == ["The values are nested deeper than 40 levels."]


HOSTILE_LINES = ["[" * 19_999, "![" * 9_999, "[a](" * 4_999, "*a " * 6_600, "`a``" * 4_999, "|" * 19_999, "“" * 19_999]


@pytest.mark.parametrize("line", HOSTILE_LINES, ids=range(len(HOSTILE_LINES)))
def test_a_hostile_line_of_markdown_is_read_in_no_time(course: SmallCourse, line: str) -> None:
    course.change(ENGLISH, "A clean hand keeps people well.", line)

    assert isinstance(course.problems(), tuple)


SECOND = {
    "modules/02-feet/module.yaml": FILES[MODULE].replace("M01", "M02"),
    "modules/02-feet/quiz.yaml": FILES[QUIZ].replace("M01", "M02").replace("wash-hands", "wash-feet"),
    "modules/02-feet/en/clean-hands.md": FILES[ENGLISH].replace("M01", "M02").replace("wash-hands", "wash-feet"),
    "modules/02-feet/es/clean-hands.md": FILES[SPANISH].replace("wash-hands", "wash-feet"),
    "modules/02-feet/figures/labels.yaml": FILES[LABELS],
    "modules/02-feet/figures/wash-feet.svg": FILES[FIGURE].replace("wash-hands", "wash-feet"),
}


@pytest.fixture
def two_modules(course: SmallCourse) -> SmallCourse:
    for path, text in SECOND.items():
        course.write(path, text)
    course.change(COURSE, "[01-hands]", "[01-hands, 02-feet]")
    return course


def unlike_questions(problems: list[Problem]) -> list[Problem]:
    """Without what a copied module is blamed for: that its questions are those of the first."""
    return [one for one in problems if "nearly the same" not in one.what]


def test_a_broken_module_hides_no_wrong_link_into_another(two_modules: SmallCourse) -> None:
    two_modules.change("modules/02-feet/module.yaml", "id: M02\n", "id: M02\nsecret: 1\n")
    two_modules.change(SKILL, "M01/clean-hands#dry", "M01/clean-hands#air")
    two_modules.change(SKILL, "M01/clean-hands#wash", "M02/clean-hands#soak")

    said = [one.what for one in unlike_questions(two_modules.errors()) if one.file == SKILL]

    assert "The lesson step M01/clean-hands#air does not exist." in said
    assert not [what for what in said if "M02/clean-hands#soak does not exist" in what]


def test_a_module_that_does_not_give_its_id_may_be_any_that_is_not_there(two_modules: SmallCourse) -> None:
    two_modules.change("modules/02-feet/module.yaml", "id: M02\n", "id: [\n")
    found = index(read_course(two_modules.root))

    assert found.has_step("M02", "clean-hands", "soak")
    assert not found.has_step("M01", "clean-hands", "soak")
    assert found.modules is None
    assert not found.knows_items("M02")
    assert found.knows_items("M01")


def test_what_the_items_of_a_module_lack_is_known_only_where_all_of_them_were_read(two_modules: SmallCourse) -> None:
    two_modules.change("modules/02-feet/quiz.yaml", "difficulty: 2", "difficulty: 7")
    found = index(read_course(two_modules.root))

    assert (found.knows_items("M01"), found.knows_items("M02"), found.knows_items("M03")) == (True, False, True)
    assert found.modules == ("M01", "M02")


def test_one_broken_item_hides_no_fault_of_another(course: SmallCourse) -> None:
    course.change(QUIZ, "difficulty: 1", "difficulty: 7")
    course.change(QUIZ, "clean-hands#dry", "clean-hands#air")

    line = course.read(QUIZ).split("\n").index("    lesson: clean-hands#air") + 1
    found = [(one.line, one.what) for one in course.errors() if one.file == QUIZ]

    assert (line, "The step clean-hands#air does not exist in this module.") in found
    assert len(found) == 2


def test_one_broken_checklist_step_hides_no_fault_of_another(course: SmallCourse) -> None:
    course.change(SKILL, "points: 2", "points: many")
    course.change(SKILL, "M01/clean-hands#dry", "M01/clean-hands#air")

    line = course.read(SKILL).split("\n").index("    lesson: M01/clean-hands#air") + 1

    assert (line, "The lesson step M01/clean-hands#air does not exist.") in [
        (one.line, one.what) for one in course.errors() if one.file == SKILL
    ]


@pytest.mark.parametrize("broken", ["wash.tap: [", "wash.tap: 3"])
def test_broken_labels_hide_no_fault_of_a_figure(course: SmallCourse, broken: str) -> None:
    course.change(LABELS, "wash.tap: {", f"{broken}\nold: {{")
    course.change(FIGURE, '<rect class="f-plate"', '<rect class="btn"')

    errors = course.errors()

    assert [one.what for one in errors if one.file == FIGURE] == ["The class btn is not one of the figures' classes."]
    assert [one for one in errors if one.file == LABELS]


def test_one_broken_term_makes_no_link_to_another_unknown(course: SmallCourse) -> None:
    course.write(GLOSSARY, course.read(GLOSSARY) + "soap: {term: {en: soap}}\n")
    course.change(ENGLISH, "[[plan-of-care|", "[[plan-of-hair|")

    assert {one.file for one in course.errors()} == {GLOSSARY, ENGLISH}


def test_what_course_yaml_does_not_list_is_a_warning(course: SmallCourse) -> None:
    for path, text in SECOND.items():
        course.write(path, text)
    course.write("skills/S02-dry.yaml", FILES[SKILL])

    assert course.errors() == []
    assert {one.what for one in course.warnings() if one.file == COURSE} == {
        "modules/02-feet is there and not listed.",
        "skills/S02-dry is there and not listed.",
    }


def test_a_skill_may_ask_for_no_module_at_all(course: SmallCourse) -> None:
    course.change(SKILL, "modules: [M01]", "modules: []")

    assert course.errors() == []
