"""`python -m tests.bench`: exit code 0 where every bar holds, 1 where one is missed, 2 for wrong usage."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from flask import Flask

from lms import fonts, migrate
from lms.app import create_app
from lms.config import Settings
from lms.db import db
from tests.bench import issuing, report, school
from tests.bench.cases import Case, cases
from tests.bench.figures import Figure, figure
from tests.bench.load import Clients, clients
from tests.bench.school import Bench
from tests.bench.server import ROOT, Server, running

WARM_UP = 60
ISSUING = "issuing"
YARDSTICKS = ("empty", "bare")


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="server CPU a request")
    parser.add_argument("--rounds", type=int, default=7, help="the median of how many rounds counts")
    parser.add_argument("--requests", type=int, default=500, help="how many of each page a round")
    parser.add_argument("--only", action="append", metavar="NAME", help="this page alone; may be given again")
    parser.add_argument("--quick", action="store_true", help="ten students, one round of 20: does it run at all")
    parser.add_argument("--json", action="store_true", help="for programs")
    args = parser.parse_args(argv)
    if args.quick:
        args.rounds, args.requests = 1, 20
    if min(args.rounds, args.requests) < 1:
        parser.error("at least one round of one request")
    return args


def main(argv: list[str] | None = None) -> int:
    args = arguments(argv)
    with tempfile.TemporaryDirectory(prefix="steadyhand-bench-") as folder:
        settings = settings_in(Path(folder))
        migrate.upgrade(settings)
        app = create_app(settings)
        with app.app_context():
            students, ready = (10, 6) if args.quick else (school.STUDENTS, 30)
            say(f"a school of {students} students …")
            bench = school.build(app, students, ready)
            db.session.remove()
            db.engine.dispose()
        figures = measured(args, settings, app, bench)
    if args.json:
        print(report.as_json(figures, rounds=args.rounds, requests=args.requests, students=students))
    else:
        print(report.table(figures))
    return 1 if report.missed(figures) else 0


def settings_in(folder: Path) -> Settings:
    """A real school's settings, but for the encrypted line."""
    fonts.use(ROOT / "var" / "cache" / "fonts")
    url = f"sqlite:///{folder / 'steadyhand.db'}"
    return Settings(
        env="production",
        secret_key=secrets.token_hex(32),
        database_url=url,
        migration_database_url=url,
        redis_url=None,
        storage_url=None,
        base_url="http://127.0.0.1",
        data_dir=folder,
        smtp_url=None,
        proxy_hops=0,
    )


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def measured(args: argparse.Namespace, settings: Settings, app: Flask, bench: Bench) -> list[Figure]:
    chosen = [one for one in cases(bench) if wanted(one.name, args.only) or one.name in YARDSTICKS]
    with clients() as people, running(settings) as server:
        figures = pages(people, server, chosen, args.rounds, args.requests)
    if wanted(ISSUING, args.only):
        say(ISSUING)
        figures.append(issuing.measured(app, bench.ready, bench.admin_id))
    return figures


def wanted(name: str, only: list[str] | None) -> bool:
    return only is None or name in only


def pages(people: Clients, server: Server, chosen: list[Case], rounds: int, many: int) -> list[Figure]:
    """Round after round, each page once a round, so that what disturbs the machine disturbs all of them."""
    for case in chosen:
        people.ask(server.port, case.requests(0, min(WARM_UP, many)))
    spent: dict[str, list[float]] = {case.name: [] for case in chosen}
    took: dict[str, list[float]] = {case.name: [] for case in chosen}
    for n in range(rounds):
        say(f"round {n + 1} of {rounds}")
        for case in chosen[n % len(chosen) :] + chosen[: n % len(chosen)]:
            before = server.cpu_seconds()
            took[case.name] += people.ask(server.port, case.requests(WARM_UP + n * many, many))
            spent[case.name].append(1000 * (server.cpu_seconds() - before) / many)
    return [
        figure(
            case.name,
            spent[case.name],
            over=case.over,
            against=spent.get(case.over),
            bar=case.bar,
            latencies=took[case.name],
        )
        for case in chosen
    ]


if __name__ == "__main__":
    sys.exit(main())
