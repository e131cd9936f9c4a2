"""A backup taken while people write comes back elsewhere whole; anything else in its place is refused."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import threading
import uuid
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import func, select

from lms import backup, backup_commands, frozen, migrate, snapshot, storage
from lms.app import create_app
from lms.audit import AuditEvent
from lms.backup import BadBackup
from lms.config import Settings
from lms.db import db
from lms.errors import RuleBroken
from lms.ledger import keys, published
from lms.ledger import service as ledger
from lms.ledger.models import Checkpoint, LedgerEntry
from tests.conftest import POSTGRESQL, _admin


def quietly(_what: str) -> None:
    pass


@pytest.fixture
def elsewhere(app: Flask, tmp_path: Path) -> Iterator[Settings]:
    """Another machine: an empty folder and an empty database of the same kind."""
    settings = replace(app.config["SETTINGS"], data_dir=tmp_path / "elsewhere")
    if settings.sqlite:
        url = f"sqlite:///{tmp_path / 'elsewhere' / 'school.db'}"
        yield replace(settings, database_url=url, migration_database_url=url)
        return
    name = f"steadyhand_elsewhere_{uuid.uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name}")
    url = sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    yield replace(settings, database_url=url, migration_database_url=url)
    _admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def archive(app: Flask, tmp_path: Path) -> Path:
    """A backup of a school with one entry and one file."""
    append()
    storage.put(b"a picture")
    return written(app, tmp_path / "school.tar.gz")


def append() -> None:
    with db.write():
        ledger.append("hours.approved", statement={"minutes": 60}, values={"student": "Ana"}, received={})


def written(app: Flask, path: Path) -> Path:
    backup_commands.back_up(path, app.config["SETTINGS"], quietly)
    return path


def restored(path: Path, settings: Settings, *, replace_it: bool = False) -> dict:
    return backup_commands.restore(path, settings, replace_it=replace_it, progress=quietly)


def inside(settings: Settings, read):
    app = create_app(settings, testing=True)
    with app.app_context():
        try:
            return read()
        finally:
            db.session.remove()
            db.engine.dispose()


def entries() -> int:
    return db.session.scalar(select(func.count()).select_from(LedgerEntry)) or 0


def restores() -> list[dict]:
    """What the school's own audit says of where it came from."""
    return list(
        db.session.scalars(select(AuditEvent.detail).filter_by(action="backup.restored").order_by(AuditEvent.at))
    )


def names(path: Path) -> list[str]:
    with tarfile.open(path) as opened:
        return opened.getnames()


# ---- the drill


def test_taken_under_load_moved_away_and_restored_elsewhere_everything_holds(app, elsewhere, tmp_path):
    """R35"""
    append()
    stop, wrote = threading.Event(), []

    def keep_writing() -> None:
        with app.app_context():
            while not stop.is_set():
                append()
                wrote.append(storage.put(os.urandom(64)))
            db.session.remove()

    writers = [threading.Thread(target=keep_writing) for _ in range(2)]
    for writer in writers:
        writer.start()
    while len(wrote) < 20:
        stop.wait(0.01)
    before, files_before = entries(), list(wrote)
    told = backup_commands.back_up(tmp_path / "school.tar.gz", app.config["SETTINGS"], quietly)
    stop.set()
    for writer in writers:
        writer.join()

    report = restored(tmp_path / "school.tar.gz", elsewhere)
    assert report["entries"] >= before
    assert inside(elsewhere, entries) == report["entries"]
    outside = published.read_checkpoint(str(told["checkpoint"]))
    assert outside.size >= before
    assert inside(elsewhere, lambda: ledger.verify_all(outside).holds)
    for digest in files_before:
        assert inside(elsewhere, lambda digest=digest: len(storage.get(digest))) == 64
    assert inside(elsewhere, schema_problems) == []
    noted = inside(elsewhere, restores)
    assert noted == [{"file": "school.tar.gz", "made_at": report["made_at"], "entries": report["entries"]}]
    if elsewhere.sqlite:
        assert snapshot.check_sqlite(snapshot.sqlite_path(elsewhere.database_url)) == []


def schema_problems() -> list[str]:
    with db.engine.connect() as connection:
        behind = migrate.behind(connection)
        return [*([behind] if behind else []), *frozen.differences(connection, db.frozen_tables)]


# ---- what is inside


def test_keys_never_leave_in_a_backup_and_a_restore_says_that_they_are_missing(app, archive, elsewhere):
    key = ledger.key_in_use()
    secret = (keys.folder() / f"{key}.key").read_bytes().splitlines()[1]
    with tarfile.open(archive) as opened:
        for member in opened:
            assert secret not in opened.extractfile(member).read()  # type: ignore[union-attr]
    assert not any("key" in name for name in names(archive))
    report = restored(archive, elsewhere)
    assert report["key_missing"] == key
    assert any("lms keys import" in note for note in report["notes"])


def test_the_checkpoint_is_inside_fresh_and_printed(app, tmp_path, monkeypatch, capsys):
    append()
    monkeypatch.setattr(backup_commands, "from_environment", lambda: app.config["SETTINGS"])
    path = tmp_path / "school.tar.gz"
    assert backup_commands.run(Namespace(command="backup", file=path, json=False)) == 0
    printed = capsys.readouterr().out
    with tarfile.open(path) as opened:
        note = opened.extractfile("checkpoint.txt").read().decode()  # type: ignore[union-attr]
    assert note in printed
    assert published.read_checkpoint(note).size == 1
    assert db.session.scalars(select(Checkpoint.reason)).all() == ["backup"]


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside_it(archive):
    assert archive.stat().st_mode & 0o077 == 0
    assert list(archive.parent.glob(".backup-*")) == []
    assert names(archive)[0] == "manifest.json"


def test_a_disk_that_fills_up_leaves_the_last_backup_as_it_was(app, archive, monkeypatch):
    good = archive.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup.os, "fsync", full)
    with pytest.raises(RuleBroken, match="No space left"):
        written(app, archive)
    assert archive.read_bytes() == good
    assert list(archive.parent.glob(".backup-*")) == []


def test_a_file_that_was_damaged_already_is_named(app, tmp_path):
    append()
    digest = storage.put(b"a picture")
    storage._path(digest).write_bytes(b"dust")
    told = backup_commands.back_up(tmp_path / "school.tar.gz", app.config["SETTINGS"], quietly)
    assert any(digest in note for note in told["notes"])  # type: ignore[attr-defined]


# ---- where something is already


def test_a_school_is_not_overwritten(app, archive):
    append()
    with pytest.raises(RuleBroken, match="a school here already"):
        restored(archive, app.config["SETTINGS"])
    assert entries() == 2


def test_a_school_restored_again_keeps_the_lines_of_both_restores(archive, elsewhere, tmp_path):
    restored(archive, elsewhere)
    backup_commands.back_up(tmp_path / "again.tar.gz", elsewhere, quietly)
    restored(tmp_path / "again.tar.gz", elsewhere, replace_it=True)
    assert [line["file"] for line in inside(elsewhere, restores)] == ["school.tar.gz", "again.tar.gz"]


def test_replacing_keeps_the_old_one_aside(app, archive, tmp_path):
    append()
    storage.put(b"a newer picture")
    db.session.remove()
    db.engine.dispose()
    report = restored(archive, app.config["SETTINGS"], replace_it=True)
    assert entries() == 1
    assert sum("kept as" in note for note in report["notes"]) == 2
    db.session.remove()
    if app.config["SETTINGS"].sqlite:
        (old,) = tmp_path.glob("school.db.before_restore_*")
        kept = replace(app.config["SETTINGS"], database_url=f"sqlite:///{old}")
        assert inside(kept, entries) == 2
    else:
        schema = db.session.scalar(sa.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before_restore_%'"))
        assert db.session.scalar(sa.text(f"SELECT count(*) FROM {schema}.ledger_entry")) == 2


def test_a_running_server_is_not_restored_under(app, archive):
    with backup.in_use(app.config["DATA_DIR"]), pytest.raises(RuleBroken, match="stop it first"):
        restored(archive, app.config["SETTINGS"], replace_it=True)
    assert entries() == 1


def test_the_other_kind_of_database_is_refused(archive, elsewhere):
    other = "postgresql://nobody@127.0.0.1:1/none" if elsewhere.sqlite else "sqlite:////tmp/none.db"
    unpacked = replace(elsewhere, database_url=other)
    stage = elsewhere.data_dir / "stage"
    stage.mkdir(parents=True)
    with pytest.raises(BadBackup, match="DATABASE_URL"):
        backup_commands._unpack(archive, stage, unpacked, quietly)


# ---- what is refused


def remade(archive: Path, change) -> Path:
    """The same archive with its members changed: change(list of (TarInfo, bytes)) -> such a list."""
    with tarfile.open(archive) as opened:
        members = [(m, opened.extractfile(m).read()) for m in opened]  # type: ignore[union-attr]
    path = archive.with_name("remade.tar.gz")
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as made:
        for member, data in change(members):
            member.size = len(data) if member.isreg() else 0
            made.addfile(member, io.BytesIO(data))
    return path


def with_parts(members, **parts: bytes):
    """The manifest lists these parts too (or anew)."""
    listed = json.loads(members[0][1])
    for name, data in parts.items():
        listed["parts"][name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return [(members[0][0], json.dumps(listed).encode()), *members[1:]]


def link(name: str, target: str, kind: bytes):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry, b""


EVIL = {
    "climbs out": lambda m: [*with_parts(m, **{"../evil": b"x"}), (tarfile.TarInfo("../evil"), b"x")],
    "is absolute": lambda m: [*with_parts(m, **{"/tmp/evil": b"x"}), (tarfile.TarInfo("/tmp/evil"), b"x")],
    "hides in files": lambda m: [
        *with_parts(m, **{"files/../../evil": b"x"}),
        (tarfile.TarInfo("files/../../evil"), b"x"),
    ],
    "is a link": lambda m: [*m, link("files/aa/" + "a" * 64, "/etc/passwd", tarfile.SYMTYPE)],
    "is a hard link": lambda m: [*m, link("files/aa/" + "a" * 64, "database.sqlite", tarfile.LNKTYPE)],
    "is a device": lambda m: [*m, link("files/aa/" + "a" * 64, "", tarfile.CHRTYPE)],
    "is a folder": lambda m: [*m, link("files", "", tarfile.DIRTYPE)],
    "has a long name": lambda m: [*m, (tarfile.TarInfo("x" * 300), b"x")],
    "is not listed": lambda m: [*m, (tarfile.TarInfo("files/aa/" + "a" * 64), b"x")],
    "comes twice": lambda m: [*m, m[-1]],
    "is missing": lambda m: m[:-1],
    "was changed": lambda m: [*m[:-1], (m[-1][0], bytes(b ^ 1 for b in m[-1][1]))],
    "comes before the list": lambda m: [*m[1:], m[0]],
    "has no list": lambda m: m[1:],
    "lists nonsense": lambda m: [(m[0][0], b'{"format": 7}'), *m[1:]],
}


@pytest.mark.parametrize("evil", EVIL)
def test_an_archive_in_which_something(archive, elsewhere, tmp_path, evil):
    with pytest.raises(BadBackup):
        restored(remade(archive, EVIL[evil]), elsewhere)
    assert not (tmp_path / "evil").exists()
    nothing_changed(elsewhere)


def nothing_changed(settings: Settings) -> None:
    assert not snapshot.holds_tables(settings.database_url)
    assert {path.name for path in settings.data_dir.iterdir()} <= {"in-use.lock", "queue.db"}


def test_an_archive_that_swells_is_refused(archive, elsewhere, monkeypatch):
    monkeypatch.setattr(backup, "ALWAYS_ALLOWED", 1 << 16)
    monkeypatch.setattr(backup, "MOST_RATIO", 3)
    bomb = archive.with_name("bomb.tar.gz")
    bomb.write_bytes(gzip.compress(b"\0" * (8 << 20)))
    with pytest.raises(BadBackup):
        restored(bomb, elsewhere)
    zeros = b"0" * (4 << 20)
    name = f"files/{hashlib.sha256(zeros).hexdigest()[:2]}/{hashlib.sha256(zeros).hexdigest()}"
    swollen = remade(archive, lambda m: [*with_parts(m, **{name: zeros}), (tarfile.TarInfo(name), zeros)])
    with pytest.raises(BadBackup, match="far more"):
        restored(swollen, elsewhere)
    nothing_changed(elsewhere)


def test_more_than_the_disk_holds_is_refused_before_it_is_unpacked(archive, elsewhere, monkeypatch):
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _path: Namespace(free=10))
    with pytest.raises(BadBackup, match="not enough space"):
        restored(archive, elsewhere)


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(archive, elsewhere, share):
    cut = archive.with_name("cut.tar.gz")
    cut.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * share)])
    with pytest.raises(BadBackup):
        restored(cut, elsewhere)
    nothing_changed(elsewhere)


def test_no_such_file_is_one_sentence(elsewhere, tmp_path):
    with pytest.raises(BadBackup, match="There is no file"):
        restored(tmp_path / "none.tar.gz", elsewhere)


# ---- what does not hold


def meddled(app: Flask, *statements: str) -> None:
    """Somebody who owns the database changes it behind the program's back."""
    with db.engine.connect() as connection:
        for sql in statements:
            connection.exec_driver_sql(sql)
        connection.commit()
    assert app


def test_a_backup_in_which_the_record_was_rewritten_is_refused_and_what_is_here_stays(app, archive, tmp_path):
    on = "" if app.config["SETTINGS"].sqlite else " ON ledger_entry"
    rewrite = "UPDATE ledger_entry SET text = replace(text, '60', '600')"
    meddled(app, f"DROP TRIGGER frozen_ledger_entry_update{on}", rewrite)
    forged = written(app, tmp_path / "forged.tar.gz")
    db.session.remove()
    db.engine.dispose()
    with pytest.raises(BadBackup, match="signed record does not hold"):
        restored(forged, app.config["SETTINGS"], replace_it=True)
    assert entries() == 1
    assert "600" in db.session.scalars(select(LedgerEntry.text)).one()


def test_a_backup_with_a_dropped_trigger_is_refused(app, archive, elsewhere, tmp_path):
    on = "" if app.config["SETTINGS"].sqlite else " ON certificate"
    meddled(app, f"DROP TRIGGER frozen_certificate_update{on}")
    with pytest.raises(BadBackup, match="frozen_certificate_update is missing"):
        restored(written(app, tmp_path / "bare.tar.gz"), elsewhere)
    nothing_changed(elsewhere)


def test_a_checkpoint_of_another_record_is_refused(app, archive, elsewhere):
    def other(members):
        note = next(data for member, data in members if member.name == "checkpoint.txt")
        lines = note.decode().splitlines()
        lines[2] = "f" * 64
        changed = "\n".join(lines).encode() + b"\n"
        kept = [(m, changed if m.name == "checkpoint.txt" else d) for m, d in members]
        return with_parts(kept, **{"checkpoint.txt": changed})

    with pytest.raises(BadBackup, match="signed record does not hold"):
        restored(remade(archive, other), elsewhere)
    nothing_changed(elsewhere)


def test_rows_that_point_nowhere_are_refused(app, archive, elsewhere, tmp_path):
    if not app.config["SETTINGS"].sqlite:
        return  # PostgreSQL knows no way to switch its foreign keys off for one connection
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        raw.execute("INSERT INTO recovery_code (user_id, hash) VALUES (999, 'x')")  # type: ignore[union-attr]
        raw.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
    with pytest.raises(RuleBroken, match="point at rows that are missing"):
        written(app, tmp_path / "broken.tar.gz")
