"""Make the demo school, or empty the database of one. Everything in it was done through the services."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, g
from sqlalchemy import MetaData, create_engine, inspect, select

from lms import clock, frozen, jobs, migrate
from lms.accounts.models import User
from lms.config import Settings
from lms.db import db
from lms.demo import founding, stories
from lms.demo.timeline import Progress, Timeline
from lms.demo.world import World
from lms.errors import RuleBroken
from lms.i18n import _
from lms.school.models import School

REMEMBERED = ("school", "zone", "policies", "current_enrolment")  # what a request keeps of the school


def ensure(progress: Progress = lambda _done, _all: None) -> bool:
    """Make the demo school where there is no school yet; returns whether it did.

    One transaction: what is interrupted leaves nothing. The papers follow, or are left to the worker.
    Raises RuleBroken in production.
    """
    _refuse_production()
    with _one_at_a_time():
        if exists():
            return False
        with db.write():
            _make(progress)
        _forget()
        _make_papers(progress)
    return True


def _make_papers(progress: Progress) -> None:
    waiting = jobs.lapsed()
    for done, job_id in enumerate(waiting, 1):
        jobs.run(job_id)  # what it cannot do now, the worker tries again
        progress(done, len(waiting))


def exists() -> bool:
    """Whether there is a school, demo or not."""
    return db.session.scalars(select(School.id)).first() is not None


def is_demo() -> bool:
    return db.session.scalars(select(School.demo)).first() is True


def _make(progress: Progress) -> None:
    timeline = Timeline(founding.ZONE)
    world, line = World(timeline), timeline.moment
    with clock.at(line(timeline.day(founding.FOUNDED), 8)):
        founding.found(world)
    timeline.add(line(timeline.day(founding.FOUNDED), 9), lambda: founding.hire(world))
    stories.tell(world)
    timeline.play(progress)


def reset() -> None:
    """Drop everything and migrate anew; the keys' files stay.

    Raises RuleBroken in production, and for a school that is no demo.
    """
    _refuse_production()
    with _one_at_a_time():
        _refuse_real_school()
        db.session.remove()
        _drop(current_app.config["SETTINGS"])
        migrate.upgrade(current_app.config["SETTINGS"])
        _forget()


def _refuse_production() -> None:
    if current_app.config["SETTINGS"].production:
        raise RuleBroken(_("The demo school is only for trying things out. It does not run in production."))


def _refuse_real_school() -> None:
    tables = inspect(db.engine).get_table_names()
    if School.__tablename__ not in tables or User.__tablename__ not in tables:
        return
    demo = db.session.scalars(select(School.demo)).first()
    people = db.session.scalars(select(User.id).limit(1)).first()
    if demo is False or (demo is None and people is not None):
        raise RuleBroken(_("This database holds a real school, not a demo. Nothing was changed."))


def _drop(settings: Settings) -> None:
    """Inside the database, so that a running server goes on with the new one."""
    engine = create_engine(settings.migration_database_url)
    try:
        with engine.connect() as connection, connection.execution_options(immediate=True).begin():
            frozen.install(connection, ())
            tables = MetaData()
            tables.reflect(connection)
            tables.drop_all(connection)
    finally:
        engine.dispose()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Whoever comes second waits, and finds what the first one made."""
    folder = current_app.config["DATA_DIR"]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        db.session.rollback()
        yield


def _forget() -> None:
    for name in REMEMBERED:
        g.pop(name, None)
