"""`lms serve`: a small parent of web server and worker. What dies comes back; what is told to stop, stops in order."""

import argparse
import ctypes
import errno
import gc
import os
import signal
import socket
import subprocess  # nosec B404
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, exists, or_, select
from sqlalchemy.exc import DBAPIError

from lms import backup, config, fonts, logs, migrate
from lms.config import Settings
from lms.errors import RuleBroken, SchoolError

PORT = 8000
LOOPBACK = ("127.0.0.1", "::1")
# threads, because a browser opens connections ahead and then says nothing on them; loaded once and forked:
# the same CPU a request as otherwise, three quarters of the memory, half the work at the start
WORKERS, THREADS = 2, 4
GRACE = 25  # seconds that children have to finish what they are doing
BACKOFF = (0.2, 1, 2, 5, 15, 30)  # seconds before a child that died is started again
SETTLED = 30  # seconds after which a child's earlier deaths are forgotten


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="make the demo school when there is none, and serve it")
    parser.add_argument("--host", help="where to listen; this machine only where left out")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes any free one")


def web() -> Flask:
    """What gunicorn serves: the application, with its log lines."""
    from lms.app import create_app

    logs.configure()
    app = create_app()
    app.extensions["jobs"].close()  # made once and then forked: nothing that is open may be shared
    settle(app)
    return app


def settle(app: Flask) -> None:
    """Before the fork: read the newest courses, and put all that stays out of the garbage collector's way."""
    from lms.catalog import service as catalog
    from lms.db import db

    with app.app_context():
        with suppress(DBAPIError, SchoolError):  # the page that needs it then says what is wrong
            catalog.preload()
        db.session.remove()
        db.engine.dispose()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def run(args: argparse.Namespace) -> int:
    chosen = _environment(demo=args.demo)
    sockets = listen(_hosts(args.host, chosen["LMS_ENV"]), args.port)
    host, port = sockets[0].getsockname()[:2]
    if chosen["LMS_ENV"] == "development":
        chosen.setdefault("LMS_BASE_URL", f"http://localhost:{port}")
    environ = {**os.environ, **chosen}
    settings = config.from_environment(environ)
    with backup.in_use(settings.data_dir):
        if not (folder := settings.data_dir / "cache" / "fonts").exists():
            print("Cutting the fonts, once on this machine: about half a minute.", flush=True)
        fonts.build(folder)
        prepare(settings, demo=args.demo)
        address = ("127.0.0.1" if host == "0.0.0.0" else host, port)  # noqa: S104  # nosec B104
        return Parent(children(sockets, environ), lambda: _announce(settings, port, demo=args.demo), address).run()


def _environment(*, demo: bool) -> dict[str, str]:
    """What the children must be told beyond what they read themselves. Raises RuleBroken."""
    known = config.environment()
    named = known.get("LMS_ENV") or ("development" if demo else "production")
    if demo and named == "production":
        raise RuleBroken("A demo school is for trying out: it does not run with LMS_ENV=production.")
    chosen = {"LMS_ENV": named}
    if known.get("LMS_BASE_URL"):
        chosen["LMS_BASE_URL"] = known["LMS_BASE_URL"]
    return chosen


# ---- where to listen


def _hosts(host: str | None, env: str) -> Sequence[str]:
    if host in (None, "localhost"):
        return LOOPBACK
    if env == "development" and host not in LOOPBACK:
        raise RuleBroken("Development listens on this machine only: leave --host out, or set LMS_ENV=production.")
    return (str(host),)


def listen(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """Listening sockets, which the parent keeps: while the web server is replaced, browsers wait in the queue."""
    sockets: list[socket.socket] = []
    with ExitStack() as on_failure:
        for host in hosts:
            one = on_failure.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
            try:
                _bind(one, host, port or (sockets[0].getsockname()[1] if sockets else 0))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    sentence = f"Port {port} is taken: stop what listens there, or choose another with --port."
                    raise RuleBroken(sentence) from error
                if sockets and host == "::1":
                    continue  # a machine without IPv6
                raise RuleBroken(f"Nothing can listen on {host}, port {port}: {error.strerror}.") from error
            sockets.append(one)
        on_failure.pop_all()
    return sockets


def _bind(one: socket.socket, host: str, port: int) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if one.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.bind((host, port))
    one.listen(512)


# ---- what must hold before anything is served


def prepare(settings: Settings, *, demo: bool = False) -> None:
    """Schema at head, the demo school where asked for, none of its accounts in production. Raises RuleBroken."""
    behind = _behind(settings)
    if behind and settings.production:
        raise RuleBroken(f"Not started: {behind}.")
    if behind:
        migrate.upgrade(settings)
    if settings.production and holds_demo(settings):
        raise RuleBroken("Not started: this database holds demo accounts, whose password everybody knows.")
    if demo:
        _ensure_demo(settings)


def _behind(settings: Settings) -> str | None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return migrate.behind(connection)
    except DBAPIError as error:
        raise RuleBroken(f"Not started: the database is out of reach ({error.orig}).") from error
    finally:
        engine.dispose()


def holds_demo(settings: Settings) -> bool:
    from lms.accounts.models import User
    from lms.school.models import School

    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(select(or_(exists().where(School.demo), exists().where(User.demo)))))
    finally:
        engine.dispose()


def _ensure_demo(settings: Settings) -> None:
    from lms import pdf_process
    from lms.app import create_app
    from lms.db import db
    from lms.demo import commands, service

    app = create_app(settings)
    with app.app_context():
        if not service.exists():
            print("Making the demo school, its people and their past …", file=sys.stderr, flush=True)
        service.ensure(commands.progress())
        if not service.is_demo():
            raise RuleBroken("There is a school here that is no demo: start it without --demo.")
        db.session.remove()
        db.engine.dispose()
    app.extensions["jobs"].close()
    pdf_process.close()


def _announce(settings: Settings, port: int, *, demo: bool) -> None:
    shown = settings.base_url if settings.production else f"http://localhost:{port}"
    print(f"\nSteadyhand is ready: {shown}")
    if demo:
        from lms.demo import accounts

        print(f"\nSign in as one of these; the password of all is {accounts.PASSWORD}\n")
        for email, what in accounts.ACCOUNTS:
            print(f"  {email:28} {what}")
    print("\nStop with Ctrl-C.", flush=True)


# ---- the children


def children(sockets: Sequence[socket.socket], environ: Mapping[str, str]) -> list["Child"]:
    python, beats = sys.executable, "/dev/shm"  # noqa: S108  # nosec B108
    for one in sockets:
        one.set_inheritable(True)
    binds = [part for one in sockets for part in ("--bind", f"fd://{one.fileno()}")]
    gunicorn = [python, "-m", "gunicorn", *binds, "--workers", str(WORKERS), "--worker-class", "gthread", "--preload"]
    gunicorn += ["--threads", str(THREADS), "--timeout", "60", "--graceful-timeout", str(GRACE - 5)]
    gunicorn += ["--no-control-socket", "--forwarded-allow-ips", "", "--log-level", "warning"]
    if Path(beats).is_dir():
        gunicorn += ["--worker-tmp-dir", beats]
    handles = tuple(one.fileno() for one in sockets)
    return [
        Child("web server", [*gunicorn, "lms.serve:web()"], environ, handles),
        Child("worker", [python, "-m", "lms.cli", "worker"], environ),
    ]


@dataclass
class Child:
    """One process that has to be there."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    handles: tuple[int, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    deaths: int = 0
    began: float = 0
    due: float = field(default=0)

    def start(self) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  # nosec B603
            self.command, env=dict(self.environ), pass_fds=self.handles, preexec_fn=_end_with_parent
        )

    def look_after(self, now: float) -> None:
        """Start it where it is due; note its death, and that each one in a row delays the next start."""
        if self.process is None:
            if now >= self.due:
                self.start()
            return
        if self.process.poll() is None:
            return
        self.deaths = 1 if now - self.began > SETTLED else self.deaths + 1
        self.due = now + BACKOFF[min(self.deaths, len(BACKOFF)) - 1]
        print(f"The {self.name} ended ({self.process.returncode}); it is started again.", file=sys.stderr, flush=True)
        self.process = None

    def signal(self, number: int) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)


def _end_with_parent() -> None:
    """Linux: a parent that is killed takes its children along, so that none is left on the port."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Parent:
    """Keeps the children alive until it is told to stop. The later ones start once the first one answers."""

    def __init__(self, family: list[Child], announce: Callable[[], None], address: tuple[str, int]) -> None:
        self.family, self.announce, self.address = family, announce, address
        self.stop, self.hurry = threading.Event(), False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        waiting = True
        while not self.stop.is_set():
            for child in self.family[:1] if waiting else self.family:
                child.look_after(time.monotonic())
            if waiting and self._answers():
                waiting = False
                self.announce()
            self.stop.wait(0.1)
        return self._end()

    def _told(self, _number: int, _frame: object) -> None:
        self.hurry = self.stop.is_set()  # the second time it is meant
        self.stop.set()

    def _answers(self) -> bool:
        """Any answer will do."""
        asking = HTTPConnection(*self.address, timeout=0.5)
        try:
            asking.request("GET", "/healthz")
            return asking.getresponse().status > 0
        except (HTTPException, OSError):
            return False
        finally:
            asking.close()

    def _end(self) -> int:
        for child in self.family:
            child.signal(signal.SIGTERM)
        until = time.monotonic() + GRACE
        for child in self.family:
            while child.process and child.process.poll() is None and time.monotonic() < until and not self.hurry:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(0.1)
        for child in self.family:
            child.signal(signal.SIGKILL)
            if child.process:
                child.process.wait()
        return 0
