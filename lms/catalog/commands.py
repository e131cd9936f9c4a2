"""`lms content check|publish|list|stamp`."""

import argparse
import json
import sys
from pathlib import Path

from lms import clock
from lms.catalog import coverage, service, totals
from lms.catalog.check import check, errors
from lms.catalog.checks.pages import check_pages
from lms.catalog.formats.building import build_edition
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.reading import read_course
from lms.catalog.formats.stamping import stamp_course
from lms.catalog.page_words import page_words
from lms.config import content_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    about = {
        "check": "say what is wrong in a course's files, where, and what to do",
        "publish": "store a new version of the course",
        "list": "count what the folder holds, and name what was published",
        "stamp": "fill the source_hash of new translations",
    }
    made = {action: actions.add_parser(action, help=said, description=said) for action, said in about.items()}
    for one in made.values():
        one.add_argument("path", nargs="?", type=Path, help="the course's folder; the shipped course by default")
        one.add_argument("--json", action="store_true", help="answer as JSON")
    made["check"].add_argument("--matrix", action="store_true", help="also print what is taught and tested where")
    made["stamp"].add_argument(
        "--again", action="store_true", help="renew filled hashes too, after comparing both languages"
    )


def needs_app(args: argparse.Namespace) -> bool:
    """Checking and stamping read files only."""
    return args.action in ("publish", "list")


def run(args: argparse.Namespace) -> int:
    actions = {"check": _check, "publish": _publish, "list": _list, "stamp": _stamp}
    return actions[args.action](args)


def _folder(args: argparse.Namespace) -> Path:
    return args.path or content_path()


def _check(args: argparse.Namespace) -> int:
    source = read_course(_folder(args))
    problems = check(source, clock.now().date())
    if args.matrix and not errors(problems):
        print(coverage.as_text(coverage.matrix(build_edition(source))))
    return _report((*problems, *check_pages(page_words())), args)


def _report(problems: tuple[Problem, ...], args: argparse.Namespace) -> int:
    warnings = sum(problem.warning for problem in problems)
    wrong = len(problems) - warnings
    if args.json:
        found = [problem.as_dict() for problem in problems]
        _say(json.dumps({"errors": wrong, "warnings": warnings, "problems": found}, ensure_ascii=False))
    else:
        for problem in problems:
            _say(f"{_folder(args)}/{problem}")
        print(f"Errors: {wrong}. Warnings: {warnings}.")
    return 1 if wrong else 0


def _say(line: str) -> None:
    """A line of the console, whatever characters a file or its name holds."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def _publish(args: argparse.Namespace) -> int:
    try:
        version = service.publish(_folder(args))
    except service.ContentBroken as broken:
        return _report(broken.problems, args)
    if args.json:
        print(json.dumps(_described(version)))
    else:
        print(f"{version.course_id} version {version.number} ({version.hash[:12]}) is published.")
    return 0


def _list(args: argparse.Namespace) -> int:
    """What the folder holds, where it can be published, and what was published."""
    versions, folder = service.list_versions(), _folder(args)
    found = _held(folder) if folder.exists() else None
    if args.json:
        held = found.as_dict() if found else None
        print(json.dumps({"totals": held, "versions": [_described(version) for version in versions]}))
        return 0
    if folder.exists():
        print(totals.as_text(found) if found else "The folder has errors; lms content check names them.")
    for version in versions:
        day = version.published_at.date().isoformat()
        print(f"{version.course_id} {version.edition_id} {version.number} {version.hash[:12]} {day}")
    if not versions:
        print("No course is published. Run lms content publish.")
    return 0


def _held(folder: Path) -> totals.Totals | None:
    """What the folder holds; None where it could not be published."""
    source = read_course(folder)
    return None if errors(check(source)) else totals.totals(source, build_edition(source))


def _described(version: service.CourseVersion) -> dict[str, str | int]:
    return {
        "id": version.id,
        "course_id": version.course_id,
        "edition_id": version.edition_id,
        "number": version.number,
        "hash": version.hash,
        "published_at": version.published_at.isoformat(),
    }


def _stamp(args: argparse.Namespace) -> int:
    changed = stamp_course(_folder(args), again=args.again)
    if args.json:
        print(json.dumps({"changed": changed}))
    else:
        print("\n".join(changed) or "Every translation is stamped.")
    return 0
