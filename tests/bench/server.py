"""The real application under gunicorn: two workers that take one request at a time."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lms.config import Settings
from tests.bench import cpu

ROOT = Path(__file__).parents[2]
WORKERS = 2


@dataclass(frozen=True)
class Server:
    pid: int
    port: int
    log: Path

    def cpu_seconds(self) -> float:
        return cpu.used_by(cpu.family(self.pid))


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    """The socket is made here: what is asked before a worker listens waits its turn, so nobody polls."""
    log = settings.data_dir / "server.log"
    with socket.create_server(("127.0.0.1", 0), backlog=64) as door, log.open("w") as lines:
        port, handle = door.getsockname()[1], door.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--bind", f"fd://{handle}", *GUNICORN],
            pass_fds=[handle],
            cwd=settings.data_dir,
            env={**_kept(), **_environment(settings)},
            stdout=lines,
            stderr=lines,
        )
    try:
        yield Server(process.pid, port, log)
    finally:
        process.terminate()
        process.wait(30)


GUNICORN = ["--worker-class", "sync", "--timeout", "120", "--log-level", "warning", "tests.bench.app:application()"]


def _kept() -> dict[str, str]:
    """Nothing of the caller's own settings gets in."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT),
        "LMS_ENV": settings.env,
        "LMS_SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "LMS_BASE_URL": settings.base_url,
        "LMS_DATA_DIR": str(settings.data_dir),
    }
