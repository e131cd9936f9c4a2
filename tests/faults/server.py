"""The real server as its own processes, started and killed by tests."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).parents[2]
FONTS = ROOT / "var" / "cache" / "fonts"  # as development has them: made once per machine


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def environment(app: Flask, **changes: str) -> dict[str, str]:
    """What the server of this test's school is told; nothing of the caller's own settings gets in."""
    settings = app.config["SETTINGS"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "default",
        "LMS_ENV": "development",
        "LMS_SECRET_KEY": settings.secret_key,
        "LMS_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        **changes,
    }


@dataclass
class Server:
    """`lms serve` in a process group of its own."""

    environ: Mapping[str, str]
    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self, *arguments: str, wait: bool = True) -> None:
        command = [sys.executable, "-m", "lms.cli", "serve", "--port", str(self.port), *arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environ, cwd=self.folder, start_new_session=True, stdout=log, stderr=log
            )
        if wait:
            self.await_answer()

    def await_answer(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            if self.asks("/healthz") == 200:
                return
            self._settle(0.02)
        raise AssertionError(f"no answer after {seconds} s:\n{self.log.read_text()[-3000:]}")

    def asks(self, path: str) -> int | None:
        """The status that the server answers now; None where it does not."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", path)
            return line.getresponse().status
        except OSError:
            return None
        finally:
            line.close()

    def kill(self) -> None:
        """Without a word of warning, all of it at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.await_silence()

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def await_silence(self) -> None:
        """Killed processes still hold their files until the kernel has cleared them away."""
        until = time.monotonic() + 10
        while self.members() and time.monotonic() < until:
            self._settle(0.005)

    def members(self) -> list[int]:
        """Processes of the group that still are there; zombies do not count."""
        assert self.process is not None
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == self.process.pid and fields[0] != "Z":
                found.append(int(stat.parent.name))
        return found

    @staticmethod
    def _settle(seconds: float) -> None:
        time.sleep(seconds)


@contextmanager
def server(app: Flask, folder: Path, **changes: str) -> Iterator[Server]:
    """Whatever the test does with it, nothing of it is left afterwards."""
    link = app.config["DATA_DIR"] / "cache" / "fonts"
    if FONTS.exists() and not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(FONTS)
    made = Server(environment(app, **changes), folder)
    try:
        yield made
    finally:
        if made.process is not None and made.members():
            made.kill()
