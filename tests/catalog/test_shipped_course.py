"""The course this school ships: whole, checked, and read fast."""

from time import process_time

import pytest

from lms.catalog.check import check, errors
from lms.catalog.formats.building import build_edition
from lms.catalog.formats.canonical import from_json, to_json
from lms.catalog.formats.reading import read_course
from lms.config import content_path

pytestmark = pytest.mark.skipif(not content_path().exists(), reason="the course is not in this tree")


def test_the_shipped_course_can_be_published_and_read_back_within_seconds() -> None:
    start = process_time()
    source = read_course(content_path())
    assert [str(problem) for problem in errors(check(source))] == []
    edition = build_edition(source)
    assert from_json(to_json(edition)) == edition
    assert process_time() - start < 10


def test_the_shipped_course_has_the_hours_of_its_blueprint() -> None:
    edition = build_edition(read_course(content_path()))
    hours = {module.id: sum(module.minutes.values()) - module.minutes["lab"] for module in edition.modules}

    assert {module.id: (hours[module.id], module.minutes["lab"]) for module in edition.modules} == {
        "M01": (240, 0),
        "M02": (180, 300),
        "M04": (180, 180),
    }
