"""`lms doctor`: one line for each thing that has to hold, with what to do where it does not."""

import argparse
import json
import os
import shutil
import smtplib
import socket
import stat
import subprocess  # nosec B404
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import redis
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lms import clock, config, frozen, migrate, snapshot, system
from lms.app import db  # as it is once every table and every frozen one is declared
from lms.config import VARIABLES, Settings
from lms.errors import UnsafeConfiguration
from lms.ledger import seal
from lms.ledger.models import LedgerEntry, LedgerHead
from lms.school.models import School

ROOM = 500 << 20  # bytes that should be free
SECRET = {"LMS_SECRET_KEY", "DATABASE_URL", "LMS_MIGRATION_DATABASE_URL", "REDIS_URL", "SMTP_URL"}
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0}
PORT, WAIT = 8000, 3


@dataclass(frozen=True)
class Finding:
    """`remedy` is empty where all is well."""

    check: str
    says: str
    remedy: str = ""

    @property
    def holds(self) -> bool:
        return not self.remedy


Check = Callable[[Settings], Iterator[Finding]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for a program to read")
    parser.add_argument("--port", type=int, default=PORT, help="the port that lms serve would take")


def run(args: argparse.Namespace) -> int:
    findings = examine(args.port)
    if args.json:
        print(json.dumps({"holds": all(f.holds for f in findings), "findings": [asdict(f) for f in findings]}))
    else:
        print(*explained(), "", *map(_line, findings), sep="\n")
    return 0 if all(finding.holds for finding in findings) else 1


def explained() -> list[str]:
    """Every variable, what it is set to (secrets are not shown), and what it is for."""
    known = config.environment()
    lines = []
    for name, about in VARIABLES.items():
        value = known.get(name) or ""
        shown = "not set" if not value else "set, not shown" if name in SECRET else value
        lines += [f"{name}: {shown}", f"    {about}"]
    return lines


def _line(finding: Finding) -> str:
    return f"{'ok     ' if finding.holds else 'LOOK   '}{finding.check}: {finding.says}" + (
        "" if finding.holds else f"\n       {finding.remedy}"
    )


def examine(port: int = PORT) -> list[Finding]:
    """Every check that can be made; without settings or a database, those that need none."""
    try:
        settings = config.from_environment()
    except UnsafeConfiguration as unsafe:
        return [Finding("settings", problem, "Set it in the environment or in .env.") for problem in unsafe.problems]
    findings = [Finding("settings", f"{settings.env}, {settings.base_url}")]
    for check in (_machine, _data_folder, _storage, _fonts, _port(port), _queue, _mail, _database):
        findings += check(settings)
    return findings


# ---- this machine


def _machine(_settings: Settings) -> Iterator[Finding]:
    missing = system.missing("run")
    yield Finding(
        "system libraries",
        f"{', '.join(missing)} missing" if missing else "all there",
        f"apt-get install {' '.join(missing)}" if missing else "",
    )
    command = [sys.executable, "-c", "import weasyprint"]  # apart: it takes half a second and looks for fonts
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603
    trouble = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    yield Finding("WeasyPrint", *((trouble[0], "Install the system libraries first.") if trouble else ("imports",)))


def _data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"0" * 65536)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        yield Finding(
            "data folder", f"{folder}: {error.strerror}", "Give the server's user a folder with room to write."
        )
        return
    free = shutil.disk_usage(folder).free
    scarce = "Make room: below this, writes begin to be refused." if free < ROOM else ""
    yield Finding("data folder", f"{folder}, {free >> 20:,} MB free", scarce)


def _storage(settings: Settings) -> Iterator[Finding]:
    folder = Path(urlsplit(settings.storage_url).path) if settings.storage_url else settings.data_dir / "files"
    parent = next(path for path in (folder, *folder.parents) if path.exists())
    writable = os.access(parent, os.W_OK)
    yield Finding("files", str(folder), "" if writable else f"The server's user may not write to {parent}.")


def _fonts(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir / "cache" / "fonts"
    cut = (folder / "stamp").exists()
    yield Finding("fonts", "cut" if cut else "not cut yet", "" if cut else f"python -m lms.fonts {folder}")


def _port(port: int) -> Check:
    def check(_settings: Settings) -> Iterator[Finding]:
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                yield Finding("port", f"{port} is free")
                return
            except OSError:
                ours = _is_a_school(port)
        yield Finding(
            "port",
            f"{port}: a school is served here now" if ours else f"{port} is taken by something else",
            "" if ours else "Stop it, or give lms serve another --port.",
        )

    return check


def _is_a_school(port: int) -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=WAIT)
    try:
        line.request("GET", "/healthz")
        return "default-src 'none'" in line.getresponse().headers.get("Content-Security-Policy", "")
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


# ---- what the server talks to


def _queue(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url:
        yield Finding("queue", "a file in the data folder")
        return
    line = redis.Redis.from_url(settings.redis_url, socket_timeout=WAIT, socket_connect_timeout=WAIT)
    try:
        line.ping()
        yield Finding("queue", "Redis answers")
    except redis.RedisError as error:
        yield Finding("queue", f"Redis: {error}", "Start it, or mend REDIS_URL; until then jobs wait for the sweep.")
    finally:
        line.close()


def _mail(settings: Settings) -> Iterator[Finding]:
    if not settings.smtp_url:
        wanted = "Set SMTP_URL, or invitations reach nobody." if settings.production else ""
        yield Finding("mail", "letters are written to the data folder", wanted)
        return
    parts = urlsplit(settings.smtp_url)
    secure = parts.scheme == "smtps"
    connect = smtplib.SMTP_SSL if secure else smtplib.SMTP
    port = parts.port or (465 if secure else 587 if parts.username else 25)
    try:
        with connect(parts.hostname or "localhost", port, timeout=WAIT) as server:
            server.noop()
        yield Finding("mail", f"{parts.hostname} answers")
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("mail", f"{parts.hostname}: {error}", "Mend SMTP_URL, or ask whoever runs the mail server.")


# ---- the database and the record


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.sqlite and not snapshot.sqlite_path(settings.database_url).exists():
        yield Finding("database", "there is none yet", "lms db upgrade")
        return
    try:
        with _connected(settings) as connection:
            yield Finding("database", connection.dialect.name)
            behind = migrate.behind(connection)
            yield Finding("schema", behind or "at head", "lms db upgrade" if behind else "")
            if connection.dialect.name == "sqlite":
                yield _pragmas(connection)
            if not behind:
                yield from _school(settings, connection)
    except DBAPIError as error:
        yield Finding("database", f"out of reach: {error.orig}", "Start it, or mend DATABASE_URL.")


@contextmanager
def _connected(settings: Settings) -> Iterator[sa.Connection]:
    engine = sa.create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _pragmas(connection: sa.Connection) -> Finding:
    found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
    wrong = [f"{name} is {found[name]}" for name, wanted in PRAGMAS.items() if found[name] != wanted]
    return Finding(
        "SQLite", ", ".join(wrong) or "as it has to be set", "Report this: lms/db.py sets it." if wrong else ""
    )


def _school(settings: Settings, connection: sa.Connection) -> Iterator[Finding]:
    wrong = frozen.differences(connection, db.frozen_tables)
    yield Finding(
        "triggers",
        "; ".join(wrong) or "as declared",
        "Find out who changed them, then: lms db upgrade, lms ledger verify --checkpoint FILE" if wrong else "",
    )
    row = connection.execute(sa.select(School.zone, School.demo)).one_or_none()
    if row is None:
        yield Finding("school", "not set up", "lms demo, or set up the school at its first start")
        return
    yield _zone(row.zone)
    demo = settings.production and row.demo
    yield Finding(
        "demo", "demo accounts" if row.demo else "none", "Production needs a database without." if demo else ""
    )
    yield from _record(settings, connection)


def _zone(zone: str) -> Finding:
    try:
        return Finding("time zone", f"{zone}, where it is {clock.now().astimezone(ZoneInfo(zone)):%H:%M}")
    except (ZoneInfoNotFoundError, ValueError):
        return Finding("time zone", f"“{zone}” is unknown", "Choose another in the school's settings.")


def _record(settings: Settings, connection: sa.Connection) -> Iterator[Finding]:
    head = connection.execute(sa.select(LedgerHead.size, LedgerHead.head, LedgerHead.key_id)).one_or_none()
    if head is None:
        yield Finding("key", "the school has none", "lms keys new")
        return
    yield _key(settings.data_dir / "keys" / f"{head.key_id}.key", head.key_id)
    columns = (LedgerEntry.seq, LedgerEntry.hash, LedgerEntry.at)
    last: Any = connection.execute(sa.select(*columns).order_by(LedgerEntry.seq.desc()).limit(1)).one_or_none()
    whole = (last.seq, last.hash) == (head.size, head.head) if last else head.size == 0
    yield Finding("record", f"{head.size} entries", "" if whole else "Its end was changed: lms ledger verify")
    if last:
        yield _clock(last.at)


def _key(path: Path, key_id: str) -> Finding:
    if not seal.is_hex(key_id, 64) or not path.exists():
        return Finding("key", f"{key_id[:12]} is not here", "Bring it back: lms keys import FILE")
    exposed = stat.S_IMODE(path.stat().st_mode) & 0o077
    return Finding("key", f"{key_id[:12]} is here", f"Others can read it: chmod 600 {path}" if exposed else "")


def _clock(last: datetime) -> Finding:
    behind = last - clock.now() > timedelta(minutes=5)
    return Finding(
        "clock",
        f"{clock.now():%Y-%m-%d %H:%M} UTC, the last entry is of {last:%Y-%m-%d %H:%M}",
        "Set the clock right; nothing is signed before. If the entry was early: lms ledger correct-clock"
        if behind
        else "",
    )
