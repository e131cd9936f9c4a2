"""Run a command with a PostgreSQL server to test against: `python -m tests.postgresql pytest …`.

A private one is started and ended: it need not survive a power cut, so it does not wait for the disk. Where
PostgreSQL's programs are not installed, a server that listens on this machine is used.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "max_wal_size=4GB",
    "max_connections=200",
)


def answers(url: str) -> bool:
    engine = sa.create_engine(url)
    try:
        with engine.connect():
            return True
    except sa.exc.OperationalError:
        return False
    finally:
        engine.dispose()


def _program(name: str) -> str | None:
    return next(map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None) or shutil.which(name)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def private_server() -> Iterator[str]:
    """PostgreSQL refuses to run as root, so root runs it as its `postgres` user."""
    folder = Path(tempfile.mkdtemp(prefix="steadyhand-pg-"))
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(folder, "postgres")
    port, control = _free_port(), [*prefix, str(_program("pg_ctl")), "-D", str(folder / "data"), "-w"]
    subprocess.run(
        [*prefix, str(_program("initdb")), "-D", str(folder / "data"), "-A", "trust", "-U", "postgres"],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    options = f"-p {port} -h 127.0.0.1 -k {folder} {' '.join(f'-c {one}' for one in SETTINGS)}"
    started, quiet = [*control, "-o", options, "-l", str(folder / "log"), "start"], subprocess.DEVNULL
    subprocess.run(started, check=True, cwd=folder, stdout=quiet)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, cwd=folder, stdout=quiet)
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    given = os.environ.get("TEST_POSTGRESQL_URL")
    if not given and not (_program("initdb") and _program("pg_ctl")):
        given = LOCAL if answers(LOCAL) else sys.exit("PostgreSQL is missing: `apt-get install postgresql`")
    if given:
        return subprocess.run(command, env={**os.environ, "TEST_POSTGRESQL_URL": given}, check=False).returncode
    with private_server() as url:
        return subprocess.run(command, env={**os.environ, "TEST_POSTGRESQL_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
