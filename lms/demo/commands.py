"""`lms demo`: make the demo school, and say who may sign in."""

import argparse
import sys

from flask import current_app

from lms import migrate
from lms.db import db
from lms.demo import service
from lms.demo.accounts import ACCOUNTS, PASSWORD
from lms.demo.timeline import Progress

WIDTH = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reset", action="store_true", help="drop the demo school that is there, and make it anew")


def run(args: argparse.Namespace) -> int:
    if args.reset:
        service.reset()
    elif _behind():
        migrate.upgrade(current_app.config["SETTINGS"])
    if not service.exists():
        print("Making the demo school, its people and their past …", file=sys.stderr, flush=True)
    made = service.ensure(progress())
    print("The demo school is made." if made else "There is a school already; nothing was changed.")
    if made or service.is_demo():
        print(f"\nSign in as one of these; the password of all is {PASSWORD}\n")
        for email, what in ACCOUNTS:
            print(f"  {email:28} {what}")
    return 0


def _behind() -> bool:
    current_app.config["DATA_DIR"].mkdir(parents=True, exist_ok=True)
    with db.engine.connect() as connection:
        return migrate.behind(connection) is not None


def bar(done: int, of: int) -> None:
    """One line that grows, gone when all is done."""
    full = WIDTH * done // of
    text = "" if done == of else f"[{'#' * full}{' ' * (WIDTH - full)}] {done} of {of}"
    print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def lines(done: int, of: int) -> None:
    """Where a log is kept: a line at each quarter."""
    if done * 4 // of > (done - 1) * 4 // of:
        print(f"  {done} of {of}", file=sys.stderr, flush=True)


def progress() -> Progress:
    return bar if sys.stderr.isatty() else lines
