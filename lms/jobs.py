"""The job table is the truth; huey only carries ids to the worker, and a sweep re-queues what lapsed."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from huey import Huey, RedisHuey, SqliteHuey
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import JSON, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from lms import clock
from lms.db import db

log = logging.getLogger("lms.jobs")
LEASE = timedelta(minutes=2)
TRIES = 5
PATIENCE = 3  # seconds for Redis; longer than the worker's blocking reads, which take one
Handler = Callable[..., None]
HANDLERS: dict[str, Handler] = {}


class Job(db.Model):
    """Work for the worker, written in the transaction of the action that needs it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(default="waiting", index=True)  # waiting, running, done, given_up
    progress: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register what does a kind of job. A handler is idempotent: it may run twice."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def enqueue(kind: str, **arguments: Any) -> Job:
    """Ask for work inside the surrounding write; the worker hears of it once that is stored."""
    job = Job(kind=kind, arguments=arguments, created_at=clock.now())
    with db.write(business=False):
        db.session.add(job)
        db.session.flush()
        job_id, app = job.id, current_app._get_current_object()  # type: ignore[attr-defined]
        db.after_commit(lambda: _announce(app, job_id))
    return job


def _announce(app: Flask, job_id: int) -> None:
    try:
        app.extensions["jobs"].queue(job_id)
    except Exception:
        log.warning("the queue is out of reach; the sweep will find the job", extra={"job": job_id}, exc_info=True)


def run(job_id: int) -> bool:
    """Do one job now. False where somebody else has it or it is over."""
    job = _lease(job_id)
    if job is None:
        return False
    kind, arguments, tries = job.kind, dict(job.arguments), job.tries
    try:
        HANDLERS[kind](**arguments)
    except Exception as error:
        db.session.rollback()
        log.exception("job", extra={"job": job_id, "kind": kind})
        _finish(job_id, error=type(error).__name__, give_up=tries >= TRIES)
        return True
    _finish(job_id)
    return True


def run_waiting(limit: int = 100) -> int:
    """Do every job that waits or whose worker died; returns how many were tried."""
    return sum(run(job_id) for job_id in lapsed(limit))


def lapsed(limit: int = 100) -> list[int]:
    now = clock.now()
    due = or_(Job.not_before.is_(None), Job.not_before <= now)
    open_ = or_(Job.state == "waiting", (Job.state == "running") & (Job.lease_until < now))
    ids = list(db.session.scalars(select(Job.id).where(open_, due).order_by(Job.id).limit(limit)))
    db.session.rollback()
    return ids


def _lease(job_id: int) -> Job | None:
    now = clock.now()
    with db.write(business=False):
        job = db.session.scalars(
            select(Job).filter_by(id=job_id).with_for_update(skip_locked=True).execution_options(populate_existing=True)
        ).one_or_none()
        held = job is not None and job.state == "running" and job.lease_until is not None and job.lease_until >= now
        if job is None or held or job.state in ("done", "given_up"):
            return None
        if job.tries >= TRIES:  # each time its worker died without a word: it may be what kills them
            job.state, job.error, job.finished_at, job.lease_until = "given_up", "WorkerDied", now, None
            return None
        job.state, job.tries, job.lease_until = "running", job.tries + 1, now + LEASE
    return job


def _finish(job_id: int, error: str | None = None, give_up: bool = False) -> None:
    with db.write(business=False):
        job = db.locked(Job, job_id)
        if job.state != "running":
            return  # its lease had lapsed, and whoever took it over was faster
        job.error, job.lease_until = error, None
        if error is None:
            job.state, job.finished_at, job.progress = "done", clock.now(), 100
        elif give_up:
            job.state, job.finished_at = "given_up", clock.now()
        else:
            job.state, job.not_before = "waiting", clock.now() + timedelta(seconds=2**job.tries)


class Queue:
    """huey over Redis where configured, else over a file of its own."""

    def __init__(self, app: Flask) -> None:
        redis_url = app.config.get("REDIS_URL")
        path = app.config["DATA_DIR"] / "queue.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.huey: Huey = (
            RedisHuey("steadyhand", connection_pool=_impatient(redis_url))
            if redis_url
            else SqliteHuey("steadyhand", filename=str(path))
        )
        self.task = self.huey.task(name="job")(lambda job_id: self._run(app, job_id))

    def queue(self, job_id: int) -> None:
        self.task(job_id)

    def close(self) -> None:
        """Let go of the file or line before a process forks; it opens again when needed."""
        self.huey.storage.close()

    @staticmethod
    def _run(app: Flask, job_id: int) -> None:
        with app.app_context():
            run(job_id)


def _impatient(redis_url: str) -> ConnectionPool:
    """A Redis that hangs must not hang whoever asked for a job: the sweep finds it all the same."""
    return ConnectionPool.from_url(
        redis_url,
        socket_connect_timeout=PATIENCE,
        socket_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


class Silent:
    """Tests run their jobs themselves."""

    def queue(self, job_id: int) -> None:
        log.debug("queued", extra={"job": job_id})


def init_app(app: Flask) -> None:
    app.extensions["jobs"] = Silent() if app.testing else Queue(app)
