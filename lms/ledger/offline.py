"""`lms verify`: exported records and PDFs against the school's public keys: no database, no network."""

import argparse
import io
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from lms.ledger import printed
from lms.ledger.canonical import NotCanonical, parse
from lms.ledger.published import Unreadable, read_keys
from lms.ledger.record import holds, verify_record
from lms.ledger.types import ATTACHMENT, Finding, Json, PublicKey, State
from lms.ledger.verify import read_entry

PUBLISHED = Path("keys") / "steadyhand-keys.json"
JOINERS = "\u200c\u200d"  # part of how some names are written
DOCUMENT = "certificate.document"
SIGNS = {State.HOLDS: "holds  ", State.BROKEN: "BROKEN ", State.UNKNOWN: "unknown"}


@dataclass
class Checked:
    """One file and what was found in it."""

    findings: list[Finding]
    sha256: str
    statement: Json = field(default_factory=dict)
    received: Json = field(default_factory=dict)
    seq: int | None = None
    pdf: bool = False

    @property
    def holds(self) -> bool:
        return holds(self.findings)


def check(data: bytes, keys: Mapping[str, PublicKey]) -> Checked:
    """One file: an exported record, or a PDF that carries one."""
    pdf = b"%PDF-" in data[:1024]
    checked = Checked([], sha256(data).hexdigest(), pdf=pdf)
    page = ""
    try:
        if pdf:
            data, page = _inside(data)
        record = parse(data)
    except Unreadable as error:
        checked.findings.append(Finding.broken("no_record", str(error)))
        return checked
    except NotCanonical:
        checked.findings.append(
            Finding.broken("format", "The record was changed after it was exported, be it only its layout.")
        )
        return checked
    checked.findings += verify_record(record, keys)
    content = read_entry(record["entry"]) if isinstance(record.get("entry"), str) else None
    if content and holds(checked.findings):
        checked.seq, checked.statement, checked.received = content["seq"], *_parts(content)
        if pdf:
            values = {item["name"]: item["value"] for item in record["values"]}
            checked.findings += printed.compare(page, checked.statement, values)
    return checked


def compare_files(checked: Mapping[str, Checked]) -> None:
    """A record of a document's bytes among the files vouches for the PDF itself."""
    documents = [c.statement for c in checked.values() if c.holds and c.statement.get("type") == DOCUMENT]
    for file in checked.values():
        facts = printed.facts(file.statement) if file.pdf and file.holds else None
        if facts is None:
            continue
        mine = [d for d in documents if d.get("serial") == facts[0].get("serial")]
        if any(d.get("sha256") == file.sha256 for d in mine):
            file.findings.append(Finding.holds("bytes", "The file is, byte for byte, the one the school issued."))
        elif mine:
            file.findings.append(Finding.broken("bytes", "The file is not, byte for byte, the one the school issued."))


def _inside(data: bytes) -> tuple[bytes, str]:
    """The record inside a PDF and the text of its first page. Raises Unreadable."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data))
        attached = [content for name, content in reader.attachments.items() if name == ATTACHMENT]
        page = reader.pages[0].extract_text()
    except Exception as error:  # a broken PDF may raise anything in a PDF reader
        raise Unreadable("This PDF cannot be read; it was changed or cut short.") from error
    records = attached[0] if attached else []
    if len(records) != 1:
        raise Unreadable(f"This PDF carries {len(records) or 'no'} records named {ATTACHMENT}; it should carry one.")
    return bytes(records[0]), page


def _parts(content: Json) -> tuple[Json, Json]:
    return content["body"]["statement"], content["body"]["received"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="an exported record (.json) or a PDF")
    parser.add_argument(
        "--keys", type=Path, help="the school's public keys, from its /.well-known/steadyhand-keys.json"
    )
    parser.add_argument("--json", action="store_true", help="for a program to read")


def run(args: argparse.Namespace) -> int:
    """0 when everything holds, 1 when something does not, 2 when a file cannot be opened."""
    keys_file = args.keys or Path(os.environ.get("LMS_DATA_DIR") or "var") / PUBLISHED
    try:
        keys = read_keys(keys_file.read_bytes())
        contents = {str(file): file.read_bytes() for file in args.files}
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        if error.filename == str(keys_file):
            print("Give the school's public keys with --keys FILE.", file=sys.stderr)
        return 2
    except Unreadable as error:
        print(f"{keys_file}: {error}", file=sys.stderr)
        return 2
    checked = {name: check(data, keys) for name, data in contents.items()}
    compare_files(checked)
    print(json.dumps(_report(checked), indent=1, ensure_ascii=False) if args.json else _screen(checked))
    return 0 if all(file.holds for file in checked.values()) else 1


def _report(checked: Mapping[str, Checked]) -> dict[str, Any]:
    return {name: {"holds": file.holds, **asdict(file)} for name, file in checked.items()}


def _screen(checked: Mapping[str, Checked]) -> str:
    lines = []
    for name, file in checked.items():
        lines += [name, *_heading(file)]
        lines += [f"  {SIGNS[finding.state]}  {finding.text}" for finding in file.findings]
        lines += ["  This record HOLDS." if file.holds else "  This record DOES NOT HOLD.", ""]
    return "\n".join(_safe(line) for line in lines).rstrip()


def _safe(line: str) -> str:
    """A name in a record cannot write lines of its own, move the cursor or turn the letters round."""
    return "".join(c if c.isprintable() or c in JOINERS else f"\\u{ord(c):04x}" for c in line)


def _heading(file: Checked) -> list[str]:
    if file.seq is None:
        return []
    signer = file.received.get("signer")
    by = signer.get("name") if isinstance(signer, dict) else None
    when = file.received.get("signed_at", "an unknown time")
    return [f"  {file.statement['type']}, entry {file.seq}, signed {when}" + (f" by {by}" if by else "")]
