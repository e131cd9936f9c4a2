"""Bring the database's schema to head: one at a time, after a backup, with the freeze triggers made anew."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from lms import clock, frozen
from lms.config import Settings, migrations_path
from lms.db import db
from lms.errors import RuleBroken

LOCK = 4242_2026  # any number, the same for every process of ours


def script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_path()))
    return config


def revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def behind(connection: Connection) -> str | None:
    """A sentence when the schema is not at head."""
    now, head = revision_of(connection), script().get_current_head()
    if now == head:
        return None
    return f"the database is at {now or 'no schema'}, the program needs {head}: run `lms db upgrade`"


def upgrade(settings: Settings, revision: str = "head") -> None:
    _move(settings, lambda config: command.upgrade(config, revision))


def downgrade(settings: Settings, revision: str) -> None:
    _move(settings, lambda config: command.downgrade(config, revision))


def _move(settings: Settings, act) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(settings.data_dir):
        engine = create_engine(settings.migration_database_url)
        try:
            if settings.sqlite:
                _save_copy(settings)
            with engine.connect() as connection:
                _run(connection, act)
        finally:
            engine.dispose()


def _run(connection: Connection, act) -> None:
    """One transaction on both databases: a migration that is killed leaves nothing half done."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:  # foreign keys cannot be switched inside a transaction, and batch mode rebuilds tables
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    with connection.execution_options(immediate=True).begin():
        if not sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        config = _config()
        config.attributes["connection"] = connection
        act(config)
        frozen.install(connection, db.frozen_tables)
        if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
            raise RuleBroken(f"the migration would break {len(broken)} references; nothing was changed")
    if sqlite:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _save_copy(settings: Settings) -> None:
    """A snapshot before the first change, by SQLite's own backup: the live file is never opened as a file."""
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    if not path.exists():
        return
    target = settings.data_dir / "before-upgrade" / f"{clock.now():%Y%m%dT%H%M%S}.db"
    target.parent.mkdir(exist_ok=True)
    source, copy = sqlite3.connect(path), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()
