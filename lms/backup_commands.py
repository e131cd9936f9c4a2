"""`lms backup FILE` and `lms restore FILE`."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError

from lms import audit, backup, clock, frozen, migrate, snapshot
from lms.app import create_app
from lms.backup import BadBackup, Manifest, NotEmpty
from lms.config import Settings, from_environment
from lms.db import db
from lms.errors import RuleBroken
from lms.ledger import keys, published
from lms.ledger import service as ledger
from lms.ledger.types import SignedCheckpoint
from lms.school.models import School


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the archive, as in school-2026-11-24.tar.gz")
    if parser.get_default("command") == "restore":
        parser.add_argument("--replace", action="store_true", help="put what is here now aside, under another name")
    parser.add_argument("--json", action="store_true", help="for a program to read")


def run(args: argparse.Namespace) -> int:
    settings = from_environment()
    progress = Progress(quiet=args.json)
    try:
        if args.command == "backup":
            told = back_up(args.file.absolute(), settings, progress)
        else:
            told = restore(args.file, settings, replace_it=args.replace, progress=progress)
    finally:
        progress.end()
    print(json.dumps(told) if args.json else _in_words(told))
    return 0


class Progress:
    """One changing line on a terminal, nothing elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self.shown, self.count = sys.stderr.isatty() and not quiet, 0

    def __call__(self, what: str) -> None:
        self.count += 1
        if self.shown and (self.count % 50 == 0 or "/" not in what):
            print(f"\r\033[K{self.count}  {what[:40]}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _in_words(told: dict[str, object]) -> str:
    lines = [str(told["done"])]
    if told.get("checkpoint"):
        lines += ["", "The record's checkpoint, to be kept apart from this server:", "", str(told["checkpoint"])]
    return "\n".join([*lines, *map(str, told["notes"])])  # type: ignore[call-overload]


# ---- lms backup


def back_up(target: Path, settings: Settings, progress: Callable[[str], None]) -> dict[str, object]:
    """Sign a fresh checkpoint, then write everything but the keys to `target`."""
    app, notes = create_app(settings), []
    with app.app_context(), _connections_closed():
        revision, note = _checkpoint(notes)
        made, damaged = backup.write(
            target,
            database_url=settings.migration_database_url,
            files=app.config["STORAGE_DIR"],
            made_at=clock.now().isoformat(timespec="seconds"),
            revision=revision,
            checkpoint=note,
            keys=sorted(key.id for key in ledger.public_keys()) if note else [],
            progress=progress,
        )
    notes += [f"Damaged already when it was copied: {name}" for name in damaged]
    notes.append("The signing key is not inside: lms keys export FILE. Nor is LMS_SECRET_KEY.")
    size = target.stat().st_size
    return {
        "done": f"{target}: {len(made.parts)} parts, {size:,} bytes.",
        "file": str(target),
        "bytes": size,
        "parts": len(made.parts),
        "checkpoint": note,
        "notes": notes,
    }


def _checkpoint(notes: list[str]) -> tuple[str | None, str | None]:
    """The schema's revision and a fresh checkpoint, where the school has a key and the schema fits the program."""
    try:
        with db.engine.connect() as connection:
            revision = migrate.revision_of(connection)
            behind = migrate.behind(connection)
    except DBAPIError as error:
        raise RuleBroken(f"The database is out of reach: {error.orig}") from error
    if behind:
        notes.append(f"Without a checkpoint: {behind}.")
        return revision, None
    audit.record("backup.made", by=None)
    try:
        ledger.checkpoint("backup")
    except keys.KeyMissing as missing:
        notes.append(f"Without a checkpoint: {missing}")
        return revision, None
    latest = ledger.latest_checkpoint()
    return revision, published.checkpoint_note(latest) if latest else None


@contextmanager
def _connections_closed() -> Iterator[None]:
    try:
        yield
    finally:
        db.session.remove()
        db.engine.dispose()


# ---- lms restore


@dataclass(frozen=True)
class Unpacked:
    """A backup beside the school: checked, and not yet in its place."""

    archive: Path
    folder: Path
    manifest: Manifest
    checkpoint: SignedCheckpoint | None

    @property
    def database(self) -> Path:
        return self.folder / backup.DATABASES[self.manifest.database]


@dataclass(frozen=True)
class Checked:
    """What was found to hold: entries of the record, and the key that seals it."""

    entries: int
    key: str | None


def restore(
    archive: Path, settings: Settings, *, replace_it: bool, progress: Callable[[str], None]
) -> dict[str, object]:
    """Unpack beside the school, verify all of it, and only then put it in place. Raises RuleBroken."""
    files = create_app(settings).config["STORAGE_DIR"]
    with backup.in_use(settings.data_dir, alone=True):
        full = backup.occupied(settings.migration_database_url, files)
        if full and not replace_it:
            raise NotEmpty("There is a school here already. Nothing was changed; --replace puts it aside.")
        stage = Path(tempfile.mkdtemp(prefix=".restore-", dir=settings.data_dir))
        try:
            unpacked = _unpack(archive, stage, settings, progress)
            stamp = f"{clock.now():%Y%m%dt%H%M%S}"
            put = _put_sqlite if settings.sqlite else _put_postgresql
            checked, kept = put(unpacked, settings, stamp, aside=full)
            kept += [str(moved) for moved in [snapshot.move_aside(files, stamp)] if moved]
            backup.bring_in(stage / "files", files)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return _report(unpacked, checked, keys.present(settings.data_dir / "keys"), kept)


def _unpack(archive: Path, stage: Path, settings: Settings, progress: Callable[[str], None]) -> Unpacked:
    manifest = backup.unpack(archive, stage, progress)
    if manifest.database != sa.make_url(settings.database_url).get_backend_name():
        raise BadBackup(f"This backup is of a {manifest.database} database: set DATABASE_URL to one.")
    note = stage / backup.CHECKPOINT
    try:
        signed = published.read_checkpoint(note.read_text()) if note.exists() else None
    except (published.Unreadable, UnicodeDecodeError) as error:
        raise BadBackup("The checkpoint in the backup cannot be read.") from error
    return Unpacked(archive, stage, manifest, signed)


def _put_sqlite(unpacked: Unpacked, settings: Settings, stamp: str, *, aside: bool) -> tuple[Checked, list[str]]:
    """Everything is verified on the unpacked file before the school's own is touched."""
    if problems := snapshot.check_sqlite(unpacked.database):
        raise BadBackup(f"The backup's database does not hold: {problems[0]}. Nothing was changed.")
    checked = _checked(unpacked, settings, f"sqlite:///{unpacked.database}")
    snapshot.fold(unpacked.database)
    path = snapshot.sqlite_path(settings.database_url)
    kept = snapshot.move_aside(path, stamp) if aside else None
    backup.bring_in(unpacked.database, path)
    return checked, [str(kept)] if kept else []


def _put_postgresql(unpacked: Unpacked, settings: Settings, stamp: str, *, aside: bool) -> tuple[Checked, list[str]]:
    """Restored into an empty schema; on any problem that one goes and the old one comes back."""
    url = settings.migration_database_url
    kept = snapshot.schema_aside(url, stamp)
    try:
        snapshot.pg_restore(unpacked.database, url)
        checked = _checked(unpacked, settings, url)
    except BaseException:
        snapshot.schema_back(url, kept)
        raise
    if aside:
        return checked, [f"the schema {kept}"]
    snapshot.schema_drop(url, kept)
    return checked, []


def _checked(unpacked: Unpacked, settings: Settings, url: str) -> Checked:
    """Triggers, record and checkpoint of the restored database, which then notes in its audit where it came from.

    Raises BadBackup where one does not hold.
    """
    beside = replace(settings, database_url=url, migration_database_url=url, data_dir=unpacked.folder)
    app = create_app(beside)
    with app.app_context(), _connections_closed():
        try:
            problems, checked = _triggers(beside), Checked(0, None)
            if db.session.scalars(sa.select(School.id)).first() is not None:
                report = ledger.verify_all(unpacked.checkpoint)
                checked = Checked(report.size, _key_in_use())
                if report.broken:
                    problems.append(f"The signed record does not hold: {report.broken.text}")
            _refuse(problems)
            made_at, file = unpacked.manifest.made_at, unpacked.archive.name
            audit.record("backup.restored", by=None, file=file, made_at=made_at, entries=checked.entries)
            return checked
        except (DBAPIError, CommandError) as error:
            raise BadBackup("The backup's database is not one of this program, or of a newer one.") from error


def _triggers(settings: Settings) -> list[str]:
    with db.engine.connect() as connection:
        if not migrate.behind(connection):
            return frozen.differences(connection, db.frozen_tables)
    migrate.upgrade(settings)  # an older program's backup: the triggers are made anew
    return []


def _refuse(problems: list[str]) -> None:
    if problems:
        raise BadBackup("The backup does not hold. Nothing was changed.\n" + "\n".join(problems))


def _key_in_use() -> str | None:
    with suppress(keys.KeyMissing):
        return ledger.key_in_use()
    return None


def _report(unpacked: Unpacked, checked: Checked, here: set[str], kept: list[str]) -> dict[str, object]:
    missing = checked.key if checked.key and checked.key not in here else None
    notes = [f"What was here before is kept as {name}." for name in kept]
    if missing:
        notes.append(f"Missing: the signing key {missing[:12]}. Bring it back: lms keys import FILE.")
    notes.append("Sign-ins and links go on only where LMS_SECRET_KEY is the same as before.")
    ending = ", as its checkpoint says." if unpacked.checkpoint else "."
    return {
        "done": f"Restored the backup of {unpacked.manifest.made_at}. The record holds: "
        f"{checked.entries} entries{ending}",
        "made_at": unpacked.manifest.made_at,
        "entries": checked.entries,
        "key_missing": missing,
        "notes": notes,
    }
