"""The worker: knows every kind of job, sweeps, keeps house once a day, and no trouble ends it."""

import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from lms import idempotency, jobs, throttle, worker
from lms.db import db
from lms.idempotency import ActKey
from lms.ledger import keys
from lms.ledger.models import Checkpoint
from lms.throttle import AttemptCount
from tests.faults.server import server
from tests.test_serve import await_

LMS = Path(worker.__file__).parent


def test_every_module_that_registers_a_kind_of_job_is_imported_by_the_worker():
    registering = {
        "lms." + path.relative_to(LMS).with_suffix("").as_posix().replace("/", ".")
        for path in LMS.rglob("*.py")
        if re.search(r"^@(jobs\.)?handler\(", path.read_text(), re.MULTILINE)
    }
    assert registering
    source = (LMS / "worker.py").read_text()
    assert [name for name in registering if name not in source] == []
    assert registering <= set(sys.modules)


def test_a_sweep_does_what_the_queue_lost(app):
    ran = []
    jobs.handler("test.swept")(lambda: ran.append(1))
    jobs.enqueue("test.swept")
    worker.sweep(None)
    assert ran == [1]
    assert db.session.scalars(select(jobs.Job.state)).all() == ["done"]


def test_house_is_kept_once_a_day(app, time):
    kept = worker.sweep(None)
    assert kept == time.now
    time.forward(hours=23)
    assert worker.sweep(kept) == kept
    time.forward(hours=2)
    assert worker.sweep(kept) == time.now
    reasons = db.session.scalars(select(Checkpoint.reason)).all()
    assert reasons == ["daily", "daily"]


def test_a_worker_that_starts_again_makes_no_second_checkpoint_that_day(app, time):
    worker.keep_house()
    time.forward(hours=1)
    worker.keep_house()
    assert db.session.scalar(select(func.count()).select_from(Checkpoint)) == 1


def test_old_counters_and_keys_are_swept_out(app, time):
    throttle.hit("sign-in", "ana", limit=3, seconds=60)
    with db.write():
        db.session.add(ActKey(key="k", request_hash="h", status=303, location="/", created_at=time.now))
    time.forward(days=3)
    worker.keep_house()
    for model in (ActKey, AttemptCount):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
    assert timedelta(days=2) == idempotency.KEPT


def test_without_the_school_s_key_house_is_kept_all_the_same(app, caplog):
    for path in keys.folder().glob("*.key"):
        path.unlink()
    worker.keep_house()
    assert "the school's key is not here" in caplog.text


@pytest.mark.parametrize("trouble", [OperationalError("x", {}, Exception("away")), OSError(28, "full"), KeyError("x")])
def test_no_trouble_ends_the_sweeps(app, monkeypatch, caplog, trouble):
    def broken() -> int:
        raise trouble

    monkeypatch.setattr(jobs, "run_waiting", broken)
    assert worker.sweep(None) is None
    assert "sweep" in caplog.text


def test_a_running_server_hands_a_job_to_its_worker(app, tmp_path):
    """A letter about a changed password: the job is announced, done by the worker, and lands as a file."""
    from lms.accounts import letters
    from tests import factories

    person = factories.user()
    with server(app, tmp_path) as school:
        school.start()
        with db.write():
            letters.post_password_changed(person.id)
        db.session.remove()
        await_(lambda: list((tmp_path / "mail").glob("*.eml")))
        assert school.stop() == 0
    assert [job.state for job in db.session.scalars(select(jobs.Job))] == ["done"]
