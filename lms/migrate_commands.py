"""`lms db upgrade|downgrade|check`."""

import argparse
import json

from sqlalchemy import create_engine

from lms import frozen, migrate
from lms.app import db  # as it is once every table and every frozen one is declared
from lms.config import from_environment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["upgrade", "downgrade", "check"])
    parser.add_argument("revision", nargs="?", help="where to, for a downgrade")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    settings = from_environment()
    if args.action == "upgrade":
        migrate.upgrade(settings)
    elif args.action == "downgrade":
        migrate.downgrade(settings, args.revision or "-1")
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        problems = [p for p in [migrate.behind(connection)] if p and args.action != "downgrade"]
        problems += frozen.differences(connection, db.frozen_tables) if not problems else []
    engine.dispose()
    print(json.dumps({"problems": problems}) if args.json else "\n".join(problems) or "The schema is as it should be.")
    return 1 if problems else 0
