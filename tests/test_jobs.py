"""The job table is the truth: whatever happens to the queue or a worker, each job is done, or given up aloud."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from lms import jobs
from lms.app import create_app
from lms.db import db
from lms.errors import RuleBroken
from lms.jobs import Job

ran: list[dict] = []


@jobs.handler("test.note")
def note(**arguments) -> None:
    ran.append(arguments)


@jobs.handler("test.trouble")
def trouble() -> None:
    ran.append({})
    raise RuntimeError("this cannot work")


@pytest.fixture(autouse=True)
def forget():
    ran.clear()


def again(job: Job) -> Job:
    db.session.expire_all()
    return db.session.get_one(Job, job.id)


def test_a_job_is_done_once(app):
    job = jobs.enqueue("test.note", about=7)
    assert jobs.run_waiting() == 1
    assert jobs.run_waiting() == 0
    assert ran == [{"about": 7}]
    assert (again(job).state, again(job).progress) == ("done", 100)


def test_a_job_that_is_done_is_not_done_again_when_the_queue_repeats_itself(app):
    job = jobs.enqueue("test.note")
    assert jobs.run(job.id)
    assert not jobs.run(job.id)
    assert len(ran) == 1


def test_an_act_that_is_undone_leaves_no_job(app):
    with pytest.raises(RuleBroken), db.write():  # noqa: PT012
        jobs.enqueue("test.note")
        raise RuleBroken("no")
    assert jobs.run_waiting() == 0


def test_a_job_whose_worker_died_is_taken_over_when_its_lease_lapses(app, time):
    job = jobs.enqueue("test.note")
    assert jobs._lease(job.id) is not None  # a worker took it, and is never heard of again
    assert jobs.run_waiting() == 0
    time.forward(seconds=jobs.LEASE.total_seconds() + 1)
    assert jobs.run_waiting() == 1
    assert len(ran) == 1


def test_two_workers_do_not_hold_the_same_job(app):
    job = jobs.enqueue("test.note")
    assert jobs._lease(job.id) is not None
    assert jobs._lease(job.id) is None


def test_trouble_is_tried_five_times_ever_later_and_then_given_up(app, time):
    job, waits = jobs.enqueue("test.trouble"), []
    for _ in range(jobs.TRIES):
        assert jobs.run_waiting() == 1
        assert jobs.run_waiting() == 0
        waits.append(again(job).not_before)
        time.forward(hours=1)
    assert (again(job).state, again(job).error, again(job).tries) == ("given_up", "RuntimeError", 5)
    assert jobs.run_waiting() == 0
    assert len(ran) == 5


def test_a_job_that_kills_its_workers_is_given_up_too(app, time):
    job = jobs.enqueue("test.note")
    for _ in range(jobs.TRIES):
        assert jobs._lease(job.id) is not None
        time.forward(minutes=5)
    jobs.run_waiting()
    assert (again(job).state, again(job).error) == ("given_up", "WorkerDied")
    assert ran == []


def test_a_late_worker_does_not_undo_what_its_successor_finished(app, time):
    job = jobs.enqueue("test.note")
    jobs._lease(job.id)
    time.forward(minutes=5)
    jobs.run_waiting()
    jobs._finish(job.id, error="TooLate")
    assert (again(job).state, again(job).error) == ("done", None)


@contextmanager
def cut_off(app: Flask, folder: Path, port: int) -> Iterator[None]:
    """The same school with its queue in a Redis at that port."""
    settings = replace(app.config["SETTINGS"], redis_url=f"redis://127.0.0.1:{port}/0", data_dir=folder)
    other = create_app(settings)
    with other.app_context():
        yield
        db.session.remove()
        db.engine.dispose()
    other.extensions["jobs"].close()


def test_without_its_queue_a_job_waits_for_the_sweep(app, tmp_path):
    """Redis is away: the act is stored all the same, and the job with it."""
    with cut_off(app, tmp_path / "other", 1):
        jobs.enqueue("test.note", about="redis")
        assert jobs.run_waiting() == 1
    assert ran == [{"about": "redis"}]


def test_a_queue_that_hangs_does_not_hang_the_act(app, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, cut_off(app, tmp_path / "other", silent.getsockname()[1]):
        jobs.enqueue("test.note", about="redis")
        assert jobs.run_waiting() == 1
    assert ran == [{"about": "redis"}]


def test_the_queue_is_a_file_where_there_is_no_redis(app, tmp_path):
    alone = create_app(replace(app.config["SETTINGS"], data_dir=tmp_path / "made" / "for" / "it"))
    assert (tmp_path / "made" / "for" / "it" / "queue.db").exists()
    alone.extensions["jobs"].close()
