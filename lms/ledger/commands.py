"""`lms ledger`: follow the school's record from its first entry, and mend the clock's mistakes."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from lms.errors import RuleBroken
from lms.ledger import published, service
from lms.ledger.types import ChainReport, SignedCheckpoint

SHOWN_EVERY = 2000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    verify = acts.add_parser("verify", help="check every entry, seal, value and checkpoint")
    verify.add_argument("--checkpoint", type=Path, metavar="FILE", help="a copy that was kept outside this server")
    verify.add_argument("--json", action="store_true", help="for a program to read")
    checkpoint = acts.add_parser("checkpoint", help="sign where the record stands, and print it to be kept elsewhere")
    checkpoint.add_argument("--reason", default="asked for at the console")
    clock = acts.add_parser("correct-clock", help="sign again after the server's clock had run ahead")
    clock.add_argument("--reason", required=True)


def run(args: argparse.Namespace) -> int:
    return {"verify": _verify, "checkpoint": _checkpoint, "correct-clock": _correct_clock}[args.act](args)


def _verify(args: argparse.Namespace) -> int:
    outside = _read(args.checkpoint) if args.checkpoint else None
    report = service.verify_all(outside, None if args.json else _progress)
    print(json.dumps({"holds": report.holds, **asdict(report)}, indent=1) if args.json else _sentence(report, outside))
    return 0 if report.holds else 1


def _checkpoint(args: argparse.Namespace) -> int:
    service.checkpoint(args.reason)
    latest = service.latest_checkpoint()
    print(published.checkpoint_note(latest) if latest else "", end="")
    return 0


def _correct_clock(args: argparse.Namespace) -> int:
    print(f"Entry {service.correct_clock(args.reason).seq} notes the correction; signing goes on from now.")
    return 0


def _read(path: Path) -> SignedCheckpoint:
    try:
        return published.read_checkpoint(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise RuleBroken(f"{path} cannot be read.") from error
    except published.Unreadable as error:
        raise RuleBroken(f"{path}: {error}") from error


def _progress(size: int) -> None:
    if size % SHOWN_EVERY == 0 and sys.stderr.isatty():
        print(f"\r{size} entries checked", end="", file=sys.stderr, flush=True)


def _sentence(report: ChainReport, outside: SignedCheckpoint | None) -> str:
    if report.broken:
        found = report.broken
        return f"The record DOES NOT HOLD from entry {found.seq} on ({found.fault}).\n{found.text}"
    kept = f"the one you kept over {outside.size} entries too" if outside else "none from outside: --checkpoint FILE"
    return (
        f"The record holds: {report.size} entries, {report.checkpoints} checkpoints met ({kept}).\n"
        f"It ends in {report.head}."
    )
