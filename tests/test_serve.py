"""`lms serve` as a person starts and stops it."""

import gc
import os
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from lms import serve
from lms.access import Role
from lms.catalog import service as catalog
from lms.db import db
from lms.errors import RuleBroken
from tests import factories
from tests.conftest import settings_for
from tests.faults.server import Server, server


def await_(condition, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def children_named(school: Server, words: str) -> list[int]:
    found = []
    for pid in school.members():
        try:
            line = Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            continue
        if words in line:
            found.append(pid)
    return found


def test_it_serves_replaces_a_dead_worker_and_stops_when_told(app, tmp_path):
    with server(app, tmp_path) as school:
        school.start()
        assert school.asks("/readyz") == 200
        await_(lambda: children_named(school, "lms.cli\0worker"))
        (worker,) = children_named(school, "lms.cli\0worker")
        os.kill(worker, signal.SIGKILL)
        await_(lambda: children_named(school, "lms.cli\0worker") not in ([], [worker]))
        assert school.asks("/healthz") == 200
        await_(lambda: "ready: http://localhost" in school.log.read_text())
        assert school.stop() == 0
        assert school.members() == []


@pytest.mark.parametrize("trouble", [None, OperationalError("SELECT", {}, Exception("away"))])
def test_before_the_fork_courses_are_read_and_no_connection_stays_open(app, monkeypatch, trouble):
    asked: list[str] = []

    def preload() -> None:
        asked.append(str(db.session.scalar(select(1))))
        if trouble:
            raise trouble

    monkeypatch.setattr(catalog, "preload", preload)
    monkeypatch.setattr(gc, "freeze", lambda: asked.append("frozen"))
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    db.session.remove()  # the test's own connection is not the server's to close
    serve.settle(app)
    assert asked == ["1", "frozen"]
    assert db.engine.pool.checkedin() == 0


def test_a_taken_port_is_one_sentence(app, tmp_path):
    with server(app, tmp_path) as school, socket.create_server(("127.0.0.1", school.port)):
        school.start(wait=False)
        assert school.process is not None
        assert school.process.wait(60) == 1
        assert school.log.read_text().splitlines() == [
            f"Port {school.port} is taken: stop what listens there, or choose another with --port."
        ]


def test_development_listens_on_this_machine_only():
    with pytest.raises(RuleBroken, match="this machine only"):
        serve._hosts("0.0.0.0", "development")
    assert serve._hosts(None, "development") == ("127.0.0.1", "::1")
    assert serve._hosts("0.0.0.0", "production") == ("0.0.0.0",)


def test_a_free_port_is_the_same_for_both_addresses():
    sockets = serve.listen(serve.LOOPBACK, 0)
    try:
        assert len({one.getsockname()[1] for one in sockets}) == 1
        assert {one.getsockname()[0] for one in sockets} <= set(serve.LOOPBACK)
    finally:
        for one in sockets:
            one.close()


def test_production_does_not_serve_an_old_schema(tmp_path):
    empty = settings_for(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(RuleBroken, match="lms db upgrade"):
        serve.prepare(replace(empty, env="production"))


def test_development_brings_the_schema_to_head_by_itself(tmp_path):
    empty = settings_for(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")
    serve.prepare(empty)
    assert serve._behind(empty) is None


def test_production_does_not_serve_a_demo_school(app):
    live = replace(app.config["SETTINGS"], env="production")
    serve.prepare(live)
    factories.user(Role.STUDENT, demo=True)
    with pytest.raises(RuleBroken, match="demo accounts"):
        serve.prepare(live)


def test_a_demo_is_not_for_production(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LMS_ENV", "production")
    with pytest.raises(RuleBroken, match="for trying out"):
        serve._environment(demo=True)
    monkeypatch.delenv("LMS_ENV")
    assert serve._environment(demo=True)["LMS_ENV"] == "development"
    assert serve._environment(demo=False)["LMS_ENV"] == "production"


def test_a_database_out_of_reach_is_one_sentence(tmp_path):
    away = replace(settings_for(tmp_path, "postgresql://nobody@127.0.0.1:1/none"), data_dir=tmp_path)
    with pytest.raises(RuleBroken, match="out of reach"):
        serve.prepare(away)


def test_what_dies_at_once_is_started_again_ever_later(tmp_path):
    child = serve.Child("short-lived", ["false"], {"PATH": os.environ["PATH"]})
    waits = []
    for now in (0.0, 100.0, 200.0):
        child.look_after(now + 99)
        assert child.process is not None
        child.process.wait()
        child.began = now + 99
        child.look_after(now + 100)
        waits.append(round(child.due - (now + 100), 3))
    assert waits == [0.2, 1, 2]
