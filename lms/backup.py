"""What a backup holds and how it comes back: a snapshot of the database, the files, a manifest of hashes. Never keys.

The archive is one tar.gz: `manifest.json` first, then `checkpoint.txt`, the database, and `files/xx/HASH`. It is read
as a stream and nothing in it is trusted: names, sizes and hashes are checked before a byte is used.
"""

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from lms import snapshot
from lms.errors import RuleBroken

FORMAT, VERSION = "steadyhand-backup", 1
MANIFEST, CHECKPOINT = "manifest.json", "checkpoint.txt"
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
NAME = re.compile(r"checkpoint\.txt|database\.sqlite|database\.dump|files/[0-9a-f]{2}/[0-9a-f]{64}")
CHUNK = 1 << 20
MOST_PARTS = 500_000
MOST_BYTES = 1 << 38
MOST_RATIO, ALWAYS_ALLOWED = 200, 64 << 20  # gzip can swell a thousandfold; a database never does
MOST_MANIFEST = 128 << 20
Progress = Callable[[str], None]


class BadBackup(RuleBroken):
    """The file is no whole backup of ours."""


class NotEmpty(RuleBroken):
    """There is a school here already, and nobody said to replace it."""


@dataclass(frozen=True)
class Part:
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What the archive must hold, and what the school needs beside it."""

    made_at: str
    database: str  # sqlite, postgresql
    revision: str | None
    keys: tuple[str, ...]  # ids of the signing keys that are NOT inside
    parts: dict[str, Part]

    def as_json(self) -> str:
        parts = {name: {"size": p.size, "sha256": p.sha256} for name, p in self.parts.items()}
        about = {"made_at": self.made_at, "database": self.database, "revision": self.revision}
        return json.dumps({"format": FORMAT, "v": VERSION, **about, "keys": self.keys, "parts": parts}, indent=1)


def _manifest(text: bytes) -> Manifest:
    """Raises BadBackup for anything that this program would not have written."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT or content["v"] != VERSION or content["database"] not in DATABASES:
            raise BadBackup("This is not a backup that this version of the program can read.")
        parts = {name: Part(int(p["size"]), str(p["sha256"])) for name, p in content["parts"].items()}
        keys = tuple(map(str, content["keys"]))
        made = Manifest(str(content["made_at"]), content["database"], content["revision"], keys, parts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadBackup("The backup's list of contents cannot be read.") from error
    if any(not NAME.fullmatch(name) or part.size < 0 for name, part in parts.items()):
        raise BadBackup("The backup holds something that does not belong in one.")
    if DATABASES[made.database] not in parts or len(parts) > MOST_PARTS:
        raise BadBackup("The backup holds no database, or too many files.")
    return made


# ---- a lock that tells a restore whether somebody serves from this folder


@contextmanager
def in_use(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Servers and workers share it; `alone` is for a restore, which raises RuleBroken while one of them runs."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use.lock").open("w") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as taken:
            raise RuleBroken(
                "A server or worker runs on this data folder: stop it first."
                if alone
                else "A restore is running on this data folder: start when it is done."
            ) from taken
        yield


# ---- writing


def write(
    target: Path,
    *,
    database_url: str,
    files: Path,
    made_at: str,
    revision: str | None,
    checkpoint: str | None,
    keys: Iterable[str] = (),
    progress: Progress = lambda _what: None,
) -> tuple[Manifest, list[str]]:
    """The whole archive or none appears at `target`. Returns what is inside, and the names of damaged files."""
    if not target.parent.is_dir():
        raise RuleBroken(f"The folder {target.parent} does not exist.")
    kind = sa.make_url(database_url).get_backend_name()
    work = Path(tempfile.mkdtemp(prefix=".backup-", dir=target.parent))
    try:
        sources = {DATABASES[kind]: work / "database"}
        progress("database")
        snapshot.take(database_url, work / "database")
        if checkpoint:
            (work / CHECKPOINT).write_text(checkpoint)
            sources[CHECKPOINT] = work / CHECKPOINT
        sources |= stored_files(files)  # after the snapshot: a file is there before the row that names it
        parts = {name: _measured(path, progress) for name, path in sorted(sources.items())}
        made = Manifest(made_at, kind, revision, tuple(keys), parts)
        _pack(work / "archive", made, sources, progress)
        os.replace(work / "archive", target)
        snapshot.sync_folder(target.parent)
    except OSError as error:
        raise RuleBroken(f"The backup could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    damaged = [n for n, p in parts.items() if n.startswith("files/") and not n.endswith(p.sha256)]
    return made, damaged


def stored_files(folder: Path) -> dict[str, Path]:
    """{name in the archive: file} of all that is stored by hash; half-written ones have no such name."""
    found = {f"files/{path.parent.name}/{path.name}": path for path in folder.glob("??/*")}
    return {name: path for name, path in found.items() if NAME.fullmatch(name) and path.is_file()}


def _measured(path: Path, progress: Progress) -> Part:
    progress("hashes")
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Part(size, digest.hexdigest())


def _pack(target: Path, made: Manifest, sources: dict[str, Path], progress: Progress) -> None:
    manifest = target.with_name(MANIFEST)
    manifest.write_text(made.as_json())
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w|gz", format=tarfile.GNU_FORMAT) as archive:
            for name, path in {MANIFEST: manifest, **{n: sources[n] for n in made.parts}}.items():
                progress(name)
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode, entry.mtime = path.stat().st_size, 0o600, int(time.time())
                with path.open("rb") as file:
                    archive.addfile(entry, file)
        raw.flush()
        os.fsync(raw.fileno())


# ---- reading


class _PlainEntry(tarfile.TarInfo):
    """Files only: a link, a device, a folder or an extended header is no part of a backup."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_PlainEntry":
        entry = super().frombuf(buf, encoding, errors)
        if entry.type != tarfile.REGTYPE:
            raise BadBackup("The backup holds something other than files.")
        return entry


class _Metered:
    """Unpacked bytes as they come, until there are more than the archive may hold."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self.source, self.left = source, most

    def read(self, size: int) -> bytes:
        data = self.source.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise BadBackup("The backup unpacks to far more than a backup does.")
        return data


def unpack(archive: Path, into: Path, progress: Progress = lambda _what: None) -> Manifest:
    """Check every name, size and hash while unpacking into an empty folder. Raises BadBackup."""
    try:
        with archive.open("rb") as raw, gzip.GzipFile(fileobj=raw) as plain:
            most = min(max(ALWAYS_ALLOWED, archive.stat().st_size * MOST_RATIO), MOST_BYTES)
            stream: Any = _Metered(plain, most)  # type: ignore[arg-type]
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=_PlainEntry) as entries:
                manifest = _unpack(entries, into, progress)
            while stream.read(CHUNK):
                pass  # to the end, where gzip checks that nothing was cut off
            return manifest
    except FileNotFoundError as error:
        raise BadBackup(f"There is no file {archive}.") from error
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise BadBackup("The file is cut off, damaged, or no backup of this program.") from error


def _unpack(entries: tarfile.TarFile, into: Path, progress: Progress) -> Manifest:
    first = entries.next()
    if first is None or first.name != MANIFEST or first.size > MOST_MANIFEST:
        raise BadBackup("The file is no backup of this program.")
    manifest = _manifest(_bytes(entries, first).read())
    if sum(part.size for part in manifest.parts.values()) > shutil.disk_usage(into).free:
        raise BadBackup("There is not enough space on the disk for what is in the backup.")
    missing = dict(manifest.parts)
    while (entry := entries.next()) is not None:
        part = missing.pop(entry.name, None)
        if part is None or part.size != entry.size:
            raise BadBackup("The backup does not hold what its own list says.")
        progress(entry.name)
        if _copied(_bytes(entries, entry), into / entry.name) != part.sha256:
            raise BadBackup(f"{entry.name} in the backup is damaged.")
    if missing:
        raise BadBackup(f"{min(missing)} is missing from the backup.")
    return manifest


def _bytes(entries: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    found = entries.extractfile(entry)
    if found is None:
        raise BadBackup("The backup holds something other than files.")
    return found


def _copied(source: IO[bytes], target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


# ---- putting in place


def occupied(database_url: str, files: Path) -> bool:
    """Whether there is a school here already."""
    return bool(stored_files(files)) or snapshot.holds_tables(database_url)


def bring_in(source: Path, target: Path) -> None:
    """Move what was unpacked and checked to where the school looks for it."""
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    shutil.move(source, target)
    snapshot.sync_folder(target.parent)
