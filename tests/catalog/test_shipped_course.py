"""The course this school ships: whole, checked, without a hole, and read fast."""

from collections import Counter
from time import process_time

import pytest

from lms.catalog.check import check
from lms.catalog.coverage import matrix
from lms.catalog.formats.building import build_edition
from lms.catalog.formats.canonical import from_json, to_json
from lms.catalog.formats.reading import read_course
from lms.catalog.formats.source import SourceCourse
from lms.catalog.items import ItemType
from lms.catalog.types import Edition
from lms.config import content_path

pytestmark = [
    pytest.mark.skipif(not content_path().exists(), reason="the course is not in this tree"),
    pytest.mark.once,
]
HOURS = {  # theory and lab of each module, as the course's blueprint has them
    "M01": (4, 0),
    "M02": (3, 5),
    "M03": (6, 3),
    "M04": (3, 3),
    "M05": (5, 3),
    "M06": (5, 12),
    "M07": (3, 6),
    "M08": (4, 4),
    "M09": (4, 3),
    "M10": (3, 2),
    "M11": (4, 3),
    "M12": (4, 4),
}


@pytest.fixture(scope="module")
def source() -> SourceCourse:
    return read_course(content_path())


@pytest.fixture(scope="module")
def edition(source: SourceCourse) -> Edition:
    return build_edition(source)


def test_nothing_is_wrong_with_the_shipped_course_and_nothing_doubtful(source: SourceCourse) -> None:
    start = process_time()
    assert [str(problem) for problem in check(source)] == []
    assert process_time() - start < 30


def test_the_shipped_course_comes_back_from_its_json_as_it_was(edition: Edition) -> None:
    assert from_json(to_json(edition)) == edition


def test_the_shipped_course_has_the_hours_of_its_blueprint(edition: Edition) -> None:
    theory = {m.id: (m.minutes["theory_online"] + m.minutes["theory_in_person"]) / 60 for m in edition.modules}
    assert {m.id: (theory[m.id], m.minutes["lab"] / 60) for m in edition.modules} == HOURS
    assert sum(edition.minutes_by_kind.values()) == 100 * 60
    assert all(minutes % 15 == 0 for minutes in edition.minutes_by_kind.values())  # printed in quarter hours


def test_the_matrix_of_the_shipped_course_has_no_hole(edition: Edition) -> None:
    assert [row.id for part in matrix(edition) for row in part.rows if row.hole] == []


def test_the_bank_of_each_module_is_full_and_of_every_type(edition: Edition) -> None:
    assert [module.id for module in edition.modules if len(module.items) < 24] == []
    assert Counter(item.type for item in edition.items).keys() == set(ItemType)


def test_all_fourteen_skills_and_their_finals_are_there(edition: Edition) -> None:
    assert [skill.id for skill in edition.skills] == [f"S{n:02}" for n in range(1, 15)]
    assert edition.final_exam is not None
    assert edition.final_exam.total == 60
    assert edition.final_practical is not None
    assert len(edition.final_practical.stations) == 4
