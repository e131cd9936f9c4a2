"""The disk is full: the write is refused in words, what was saved is safe, and service goes on when there is room."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import func, select, text

from lms.audit import AuditEvent
from lms.db import db
from tests import factories
from tests.faults.server import environment

PROGRAM = """
import resource, sys
from flask import request
from lms import audit
from lms.access import Permission
from lms.app import create_app
from lms.config import from_environment
from lms.db import db

app = create_app(from_environment(), testing=True)
app.config.update(PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)

@app.post("/notes")
def note():
    with db.write():
        audit.record("note.written", by=None, words=request.form["words"])
    return "saved"

client = app.test_client()
def write(words):
    answer = client.post("/notes", data={"words": words})
    return answer.status_code, "not saved" in answer.text

assert write("before") == (200, False)
wal = sys.argv[1] + "-wal"
import os
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(wal) + 30_000, resource.RLIM_INFINITY))
answers = [write("x" * 20_000) for _ in range(6)]
assert (503, True) in answers, answers
assert client.get("/login").status_code == 200, "reading goes on"
saved = 1 + sum(status == 200 for status, _ in answers)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert write("after") == (200, False), "no restart is needed"
print(saved + 1)
"""


def test_no_room_is_told_in_words_and_nothing_that_was_saved_is_lost(app, tmp_path):
    settings = app.config["SETTINGS"]
    if not settings.sqlite:
        pytest.skip("a full disk of PostgreSQL is the database server's; its refusal is an OperationalError as well")
    factories.user()
    db.session.remove()
    db.engine.dispose()
    path = settings.database_url.removeprefix("sqlite:///")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, path],
        env=environment(app),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
    noted = select(func.count()).select_from(AuditEvent).filter_by(action="note.written")
    assert db.session.scalar(noted) == int(done.stdout)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_disk_that_is_really_full_refuses_and_recovers(app, tmp_path):
    """The same on a real file system of four megabytes, in a mount name space of its own."""
    settings = app.config["SETTINGS"]
    if not settings.sqlite:
        pytest.skip("SQLite's disk")
    small = tmp_path / "small"
    small.mkdir()
    db.session.remove()
    db.engine.dispose()
    script = tmp_path / "full.py"
    script.write_text(FULL)
    program = f"{sys.executable} -W ignore {script} {small} {tmp_path}/school.db"
    mount = f"mount -t tmpfs -o size=4m none {small} && exec {program}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", mount],
        env=environment(app, LMS_DATA_DIR=str(small), DATABASE_URL=f"sqlite:///{small}/school.db"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stderr.startswith(("unshare:", "mount:")):
        pytest.skip("this machine allows no mounts")
    assert done.returncode == 0, done.stderr[-3000:]


FULL = """
import os, shutil, sqlite3, sys
from contextlib import closing
small, source = sys.argv[1:]
shutil.copy(source, small + "/school.db")
from flask import request
from lms import audit, storage
from lms.app import create_app
from lms.config import from_environment
from lms.db import db

app = create_app(from_environment(), testing=True)
app.config.update(PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)

@app.post("/notes")
def note():
    with db.write():
        audit.record("note.written", by=None, words=request.form["words"])
    return "saved"

@app.post("/files")
def file():
    storage.put(request.form["words"].encode())
    return "stored"

client = app.test_client()
def write(words, path="/notes"):
    answer = client.post(path, data={"words": words})
    return answer.status_code, "not saved" in answer.text

assert write("before") == (200, False)
ballast = os.open(small + "/ballast", os.O_WRONLY | os.O_CREAT)
try:
    while True:
        os.write(ballast, b"0" * 4096)
except OSError:
    os.close(ballast)
answers = [write("x" * 60_000) for _ in range(4)]
assert answers[-1] == (503, True), answers
assert write("x" * 60_000, "/files") == (503, True)
assert client.get("/login").status_code == 200
os.unlink(small + "/ballast")
assert write("after") == (200, False)
assert write("after", "/files") == (200, False)
with app.app_context():
    assert db.session.scalar(db.text("PRAGMA integrity_check")) == "ok"
    noted = db.session.scalar(db.text("SELECT count(*) FROM audit_event WHERE action = 'note.written'"))
    assert noted == 2 + sum(status == 200 for status, _ in answers), noted
"""
