"""`lms worker`: does the jobs that the queue announces, sweeps up those it forgot, and keeps house once a day."""

import argparse
import logging
import threading
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

import lms.accounts.letters
import lms.certificates.letters
import lms.certificates.paper  # noqa: F401  these modules say what does each kind of job
from lms import backup, clock, idempotency, jobs, logs, throttle
from lms.app import create_app
from lms.db import db
from lms.ledger import service as ledger
from lms.ledger.keys import KeyMissing
from lms.ledger.models import Checkpoint

log = logging.getLogger("lms.worker")
SWEEP_EVERY = 20  # seconds
HOUSEKEEPING_EVERY = timedelta(days=1)
LONGEST_WAIT = 1.0  # seconds between looks into an idle queue of SQLite


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """None: what the worker needs to know is in the environment."""


def run(_args: argparse.Namespace) -> int:
    logs.configure()
    app, stop = create_app(), threading.Event()
    sweeper = threading.Thread(target=sweeps, args=(app, stop), name="sweeps", daemon=True)
    consumer = app.extensions["jobs"].huey.create_consumer(
        workers=1, periodic=False, max_delay=LONGEST_WAIT, graceful_signal="TERM"
    )
    with backup.in_use(app.config["DATA_DIR"]):
        sweeper.start()
        consumer.run()  # until a signal; it owns the main thread
        stop.set()
        sweeper.join(timeout=SWEEP_EVERY)
    return 0


def sweeps(app: Flask, stop: threading.Event) -> None:
    """At the start what a dead worker left behind, then again and again what the queue lost."""
    kept_house_at: datetime | None = None
    while True:
        with app.app_context():
            kept_house_at = sweep(kept_house_at)
        if stop.wait(SWEEP_EVERY):
            return


def sweep(kept_house_at: datetime | None) -> datetime | None:
    """One round, which no trouble may end: the database may be away, or the disk full."""
    try:
        jobs.run_waiting()
        if kept_house_at is None or clock.now() - kept_house_at >= HOUSEKEEPING_EVERY:
            keep_house()
            return clock.now()
    except Exception:
        log.exception("sweep")
    finally:
        db.session.remove()
    return kept_house_at


def keep_house() -> None:
    """Forget what is no longer needed, and sign where the record stands unless that was done today."""
    idempotency.forget_old()
    throttle.forget_old()
    last = db.session.scalar(select(func.max(Checkpoint.made_at)).where(Checkpoint.reason == "daily"))
    if last is None or clock.now() - last >= HOUSEKEEPING_EVERY:
        try:
            ledger.checkpoint("daily")
        except KeyMissing:
            log.warning("no daily checkpoint: the school's key is not here")
