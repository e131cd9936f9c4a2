from pathlib import Path

import pytest

from tests.catalog.small_course import SmallCourse


@pytest.fixture
def course(tmp_path: Path) -> SmallCourse:
    return SmallCourse(tmp_path / "small-course")
