"""A translation names the English it was made from; only a person's comparison renews that."""

from lms.catalog.formats.stamping import source_hash, stamp_course
from tests.catalog.small_course import ENGLISH, SPANISH, SmallCourse


def test_an_empty_hash_is_filled_and_the_warning_goes(course: SmallCourse) -> None:
    assert stamp_course(course.root) == [SPANISH]

    body = course.read(ENGLISH).split("---\n", 2)[2]
    assert f'source_hash: "{source_hash(body)}"' in course.read(SPANISH)
    assert [one for one in course.warnings() if one.file == SPANISH] == []


def test_stamping_twice_changes_nothing_more(course: SmallCourse) -> None:
    stamp_course(course.root)
    before = course.read(SPANISH)

    assert stamp_course(course.root) == []
    assert course.read(SPANISH) == before


def test_stamping_touches_nothing_but_the_hash(course: SmallCourse) -> None:
    before = course.read(SPANISH)
    stamp_course(course.root)

    changed = set(course.read(SPANISH).split("\n")) ^ set(before.split("\n"))
    assert all(line.startswith("source_hash:") for line in changed)


def test_a_stale_hash_stays_stale_until_asked_again(course: SmallCourse) -> None:
    stamp_course(course.root)
    course.change(ENGLISH, "Ana finds", "Eva finds")

    assert stamp_course(course.root) == []
    assert [one for one in course.warnings() if "changed after" in one.what]
    assert stamp_course(course.root, again=True) == [SPANISH]
    assert not [one for one in course.warnings() if "changed after" in one.what]
