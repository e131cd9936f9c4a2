"""Copies of the whole database: taken while others write, checked, put back, and the old one kept aside."""

import os
import shutil
import sqlite3
import subprocess  # nosec B404
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lms.errors import RuleBroken

ASIDE = "before_restore_"  # what a restore replaced is kept under a name that begins so


def take(database_url: str, target: Path) -> None:
    """SQLite: a database file that stands alone. PostgreSQL: a dump in its custom format."""
    if sa.make_url(database_url).get_backend_name() == "sqlite":
        copy_sqlite(sqlite_path(database_url), target)
        if problems := check_sqlite(target):
            raise RuleBroken(f"The database is damaged ({problems[0]}): keep the backups that you have.")
    else:
        _pg_dump(database_url, target)


def holds_tables(database_url: str) -> bool:
    if sa.make_url(database_url).get_backend_name() == "sqlite":
        path = sqlite_path(database_url)
        return path.exists() and path.stat().st_size > 0
    return _in_postgresql(database_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") > 0


# ---- SQLite


def sqlite_path(database_url: str) -> Path:
    return Path(sa.make_url(database_url).database or "")


def copy_sqlite(path: Path, target: Path) -> None:
    """By SQLite's own backup: the live file is never opened as a file."""
    if not path.exists():
        raise RuleBroken(f"There is no database at {path}.")
    with closing(sqlite3.connect(path, timeout=30)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a write-ahead log beside it


def check_sqlite(path: Path) -> list[str]:
    """What is wrong with a database file that nobody serves from."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            problems = _integrity(connection)
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return [f"the database cannot be read: {error}"]
    return problems + ([f"{len(broken)} rows point at rows that are missing"] if broken else [])


def _integrity(connection: sqlite3.Connection) -> list[str]:
    rows = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
    return [] if rows == ["ok"] else rows


def fold(path: Path) -> None:
    """Bring what stands in the write-ahead log into the file; a database that is damaged stays as it is."""
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def move_aside(path: Path, stamp: str) -> Path | None:
    """Keep what was here under another name. A SQLite database takes its log with it."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}.{ASIDE}{stamp}")
    if path.is_file():
        fold(path)
    for ending in ("-wal", "-shm"):
        if (log := path.with_name(path.name + ending)).exists():
            os.replace(log, kept.with_name(kept.name + ending))
    os.replace(path, kept)
    sync_folder(path.parent)
    return kept


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---- PostgreSQL, by its own programs


def _pg_dump(database_url: str, target: Path) -> None:
    options = ["--format=custom", f"--exclude-schema={ASIDE}*", f"--file={target}"]
    _program("pg_dump", database_url, *options)


def pg_restore(dump: Path, database_url: str) -> None:
    """All or nothing, with the rights it had where those roles exist here, else without."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", str(dump)]
    try:
        _program("pg_restore", database_url, *options)
    except RuleBroken:
        _program("pg_restore", database_url, "--no-acl", *options)


def _program(name: str, database_url: str, *options: str) -> None:
    if shutil.which(name) is None:
        raise RuleBroken(f"The program {name} is missing: install PostgreSQL's client programs.")
    url = sa.make_url(database_url)
    # the password travels in the environment: a command line is everybody's to read
    env = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    address = url.set(drivername="postgresql", password=None).render_as_string()
    command = [name, f"--dbname={address}", *options]  # our own program and options, no shell
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603
    if done.returncode:
        raise RuleBroken(f"{name} did not do it: {done.stderr.strip().splitlines()[-1:] or done.returncode}")


def schema_aside(database_url: str, stamp: str) -> str:
    """Give the schema another name and make an empty one; returns the name under which the old one is kept."""
    kept = f"{ASIDE}{stamp}".lower()
    _in_postgresql(database_url, f"ALTER SCHEMA public RENAME TO {kept}", *_EMPTY)
    return kept


def schema_back(database_url: str, kept: str) -> None:
    """Undo `schema_aside`, and what was restored since."""
    _in_postgresql(database_url, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {kept} RENAME TO public")


def schema_drop(database_url: str, kept: str) -> None:
    _in_postgresql(database_url, f"DROP SCHEMA {kept} CASCADE")


_EMPTY = ("CREATE SCHEMA public", "GRANT USAGE ON SCHEMA public TO PUBLIC")


def _in_postgresql(database_url: str, *statements: str) -> Any:
    engine = sa.create_engine(database_url)
    try:
        with engine.begin() as connection:
            results = [connection.exec_driver_sql(sql) for sql in statements]
            return results[-1].scalar() if results[-1].returns_rows else None
    finally:
        engine.dispose()
