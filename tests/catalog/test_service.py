"""Publishing: checked first, stored once, never changed."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms.catalog import service
from lms.catalog.models import CourseVersion
from lms.db import db
from lms.errors import NotFound
from tests.catalog.small_course import QUIZ, SmallCourse


def test_publishing_stores_what_the_files_say(app: Flask, course: SmallCourse) -> None:
    version = service.publish(course.root, by=None)

    assert (version.course_id, version.edition_id, version.number) == ("small-course", "part-one", 1)
    assert service.edition(version.id).title.es == "Curso breve"
    assert service.latest("small-course") == version


def test_publishing_the_same_content_again_gives_the_same_version(app: Flask, course: SmallCourse) -> None:
    assert service.publish(course.root).id == service.publish(course.root).id
    assert len(service.list_versions()) == 1


def test_an_older_version_keeps_saying_what_it_said(app: Flask, course: SmallCourse) -> None:
    first = service.publish(course.root)
    course.change(QUIZ, "en: When do you wash?", "en: When do you scrub?")
    second = service.publish(course.root)

    assert [version.number for version in service.list_versions()] == [2, 1]
    assert service.edition(first.id).item("M01-Q01").stem.en == "When do you wash?"
    assert service.edition(second.id).item("M01-Q01").stem.en == "When do you scrub?"
    assert service.latest("small-course").number == 2


def test_a_broken_course_is_not_published(app: Flask, course: SmallCourse) -> None:
    course.change(QUIZ, "difficulty: 2", "difficulty: 7")

    with pytest.raises(service.ContentBroken) as broken:
        service.publish(course.root)

    assert [problem.file for problem in broken.value.problems] == [QUIZ]
    assert service.list_versions() == []


def test_an_edition_is_read_from_the_database_once(app: Flask, course: SmallCourse) -> None:
    version = service.publish(course.root)

    assert service.edition(version.id) is service.edition(version.id)


def test_the_newest_version_of_each_course_is_read_ahead(app: Flask, course: SmallCourse, monkeypatch) -> None:
    monkeypatch.setattr(service, "_editions", {})
    old = service.publish(course.root)
    course.change(QUIZ, "en: When do you wash?", "en: When do you scrub?")
    new = service.publish(course.root)
    service.preload()
    assert (new.hash in service._editions, old.hash in service._editions) == (True, False)


def test_what_was_never_published_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        service.edition(77)
    with pytest.raises(NotFound):
        service.latest("small-course")


@pytest.mark.parametrize("sql", ["UPDATE course_version SET content = '{}'", "DELETE FROM course_version"])
def test_a_published_version_cannot_be_changed(app: Flask, course: SmallCourse, sql: str) -> None:
    service.publish(course.root)

    with pytest.raises(DBAPIError, match="may not change"), db.engine.begin() as connection:
        connection.execute(text(sql))


def test_a_version_that_is_not_what_its_hash_says_is_refused(app: Flask, course: SmallCourse) -> None:
    version = service.publish(course.root)
    with db.write():
        forged = CourseVersion(
            course_id="small-course",
            edition_id="part-one",
            number=2,
            hash="0" * 64,
            content=version.content,
            published_at=version.published_at,
        )
        db.session.add(forged)

    with pytest.raises(service.ContentDamaged):
        service.edition(forged.id)
