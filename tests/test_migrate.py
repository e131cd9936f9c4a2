"""The schema: up, down and up again without drift, killed in the middle, and by two at once."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from lms import frozen, migrate
from lms.config import Settings
from lms.db import Base, db
from tests.conftest import settings_for
from tests.faults.server import ROOT

KILLED_AFTER = (1, 2, 17, 60, 90)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, database_url)


@pytest.fixture
def empty(settings: Settings) -> Settings:
    """The same database with nothing in it."""
    migrate.downgrade(settings, "base")
    return settings


def look(settings: Settings, read):
    engine = sa.create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return read(connection)
    finally:
        engine.dispose()


def tables(settings: Settings) -> set[str]:
    return look(settings, lambda c: set(sa.inspect(c).get_table_names())) - {"alembic_version"}


def differences(connection: sa.Connection) -> list:
    def ours(_object, name, kind, _reflected, _compared) -> bool:
        return not (kind == "table" and name == "alembic_version")

    options = {"compare_type": True, "include_object": ours}
    return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)


def is_whole(settings: Settings) -> None:
    assert look(settings, differences) == []
    assert look(settings, lambda c: frozen.differences(c, db.frozen_tables)) == []
    assert look(settings, migrate.behind) is None


def test_up_down_and_up_again_leave_no_difference(settings):
    """R36"""
    is_whole(settings)
    migrate.downgrade(settings, "base")
    assert tables(settings) == set()
    assert look(settings, lambda c: [*frozen._installed(c), *frozen._functions(c)]) == []
    migrate.upgrade(settings)
    is_whole(settings)


def test_upgrading_what_is_at_head_changes_nothing(settings):
    migrate.upgrade(settings)
    is_whole(settings)


@pytest.mark.parametrize("statements", KILLED_AFTER)
def test_killed_in_the_middle_nothing_is_half_done_and_the_next_run_completes_it(empty, statements):
    """R36"""
    program = f"""
import os, signal
from sqlalchemy import Engine, event
import lms.app
from lms import migrate
from lms.config import from_environment
left = {statements}
@event.listens_for(Engine, "after_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
migrate.upgrade(from_environment())
"""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LMS_ENV": "development",
        "LMS_DATA_DIR": str(empty.data_dir),
        "DATABASE_URL": empty.database_url,
    }
    died = subprocess.run([sys.executable, "-c", program], env=environ, cwd=empty.data_dir, check=False)
    assert died.returncode == -9
    assert tables(empty) == set()
    migrate.upgrade(empty)
    is_whole(empty)


def test_two_upgrades_at_once_are_one_after_the_other(empty):
    program = (
        "import lms.app; from lms import migrate; from lms.config import from_environment as f; migrate.upgrade(f())"
    )
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LMS_ENV": "development",
        "LMS_DATA_DIR": str(empty.data_dir),
        "DATABASE_URL": empty.database_url,
    }
    both = [subprocess.Popen([sys.executable, "-c", program], env=environ, cwd=empty.data_dir) for _ in range(2)]
    assert [one.wait(120) for one in both] == [0, 0]
    is_whole(empty)


def test_a_copy_is_kept_before_sqlite_is_changed(settings):
    if not settings.sqlite:
        return
    migrate.upgrade(settings)
    (copy,) = (settings.data_dir / "before-upgrade").glob("*.db")
    assert look(replace(settings, database_url=f"sqlite:///{copy}"), migrate.behind) is None


def test_a_dropped_trigger_is_told_and_made_anew(settings):
    def drop(connection: sa.Connection) -> None:
        on = "" if settings.sqlite else " ON ledger_entry"
        connection.exec_driver_sql(f"DROP TRIGGER frozen_ledger_entry_update{on}")
        connection.commit()

    look(settings, drop)
    told = look(settings, lambda c: frozen.differences(c, db.frozen_tables))
    assert told == ["trigger frozen_ledger_entry_update is missing"]
    migrate.upgrade(settings)
    is_whole(settings)
