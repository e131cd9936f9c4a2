"""Publishes courses and hands out published editions."""

from collections.abc import Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select

from lms import audit, clock
from lms.catalog.check import check, errors
from lms.catalog.formats.building import build_edition
from lms.catalog.formats.canonical import from_json, hash_of, to_json
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.reading import read_course
from lms.catalog.models import CourseVersion
from lms.catalog.types import Edition
from lms.db import db
from lms.errors import NotFound, SchoolError

_editions: dict[str, Edition] = {}  # by hash; what a hash names never changes
_hashes: WeakKeyDictionary[Engine, dict[int, str]] = WeakKeyDictionary()  # by database and id; the rows are frozen


class ContentBroken(SchoolError):
    """The course cannot be published; each problem names file, line and remedy."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("The course is not ready to publish:\n" + "\n".join(str(one) for one in problems))
        self.problems = tuple(problems)


class ContentDamaged(SchoolError):
    """A stored course is no longer what its hash says."""


def publish(path: Path, by: int | None = None) -> CourseVersion:
    """Check and store the course in `path`. The same content gives the version that already exists.

    Raises ContentBroken.
    """
    source = read_course(path)
    if broken := errors(check(source)):
        raise ContentBroken(broken)
    edition = build_edition(source)
    content = to_json(edition)
    digest = hash_of(content)
    with db.write():
        return _by_hash(digest) or _stored(edition, content, digest, by)


def edition(course_version_id: int) -> Edition:
    """What that version says. Raises NotFound."""
    known = _hashes.setdefault(db.engine, {})
    if course_version_id not in known:
        version = get(course_version_id)
        if version.hash not in _editions:
            _editions[version.hash] = _read(version)
        if db.session().info.get("writing"):
            return _editions[version.hash]  # this write may have made the row, and may still be undone
        known[course_version_id] = version.hash
    return _editions[known[course_version_id]]


def preload() -> None:
    """Read the newest version of every course, so that no page waits for it."""
    newest = select(func.max(CourseVersion.id)).group_by(CourseVersion.course_id)
    for version_id in db.session.scalars(newest).all():
        edition(version_id)


def _read(version: CourseVersion) -> Edition:
    content = version.content
    if hash_of(content) != version.hash:
        raise ContentDamaged(f"The stored course version {version.id} was changed.")
    return from_json(content)


def get(course_version_id: int) -> CourseVersion:
    version = db.session.get(CourseVersion, course_version_id)
    if version is None:
        raise NotFound(f"course version {course_version_id}")
    return version


def latest(course_id: str) -> CourseVersion:
    """The newest published version of a course. Raises NotFound before the first."""
    newest = select(CourseVersion).filter_by(course_id=course_id).order_by(CourseVersion.number.desc()).limit(1)
    version = db.session.scalars(newest).one_or_none()
    if version is None:
        raise NotFound(f"course {course_id}")
    return version


def newest() -> int | None:
    """The version that was published last, of any course."""
    return db.session.scalar(select(func.max(CourseVersion.id)))


def list_versions() -> list[CourseVersion]:
    """Every published version, by course, newest first."""
    ordered = select(CourseVersion).order_by(CourseVersion.course_id, CourseVersion.number.desc())
    return list(db.session.scalars(ordered))


def _by_hash(digest: str) -> CourseVersion | None:
    return db.session.scalars(select(CourseVersion).filter_by(hash=digest)).one_or_none()


def _stored(edition: Edition, content: str, digest: str, by: int | None) -> CourseVersion:
    last = db.session.scalar(select(func.max(CourseVersion.number)).filter_by(course_id=edition.course_id))
    version = CourseVersion(
        course_id=edition.course_id,
        edition_id=edition.edition_id,
        number=(last or 0) + 1,
        hash=digest,
        content=content,
        published_at=clock.now(),
        published_by_id=by,
    )
    db.session.add(version)
    db.session.flush()
    audit.record("course.published", by=by, subject=("course_version", version.id), hash=digest)
    return version
