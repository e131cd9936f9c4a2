"""What the first release wrote verifies for ever, and today's code still writes the same bytes."""

import json
from pathlib import Path

import pytest

from lms.ledger import offline
from lms.ledger.published import checkpoint_note, read_checkpoint, read_keys
from lms.ledger.record import bundle_text
from lms.ledger.types import SealedEntry
from lms.ledger.verify import verify_chain
from tests.ledger.chains import CERTIFICATE, SCHOOL, Chain, key

GOLDEN = Path(__file__).parent / "golden"


def first_release() -> Chain:
    made = Chain()
    marks = {"contraindications": "independent", "drape": "prompted"}
    content = {"marks": marks, "outcome": "demonstrated", "subject": {"user": 7}}
    made.append("sheet.signed", content, comment="Calm, even strokes. Señora García was at ease.")
    made.append("hours.approved", {"kind": "theory_online", "minutes": 2880})
    made.append("certificate.issued", CERTIFICATE, name="Maya Okafor")
    made.rotate(key(2))
    made.append("certificate.revoked", {"serial": "LGS-MTR-2026-000123-7"}, remark="Wrong enrolment.")
    return made


def stored() -> list[SealedEntry]:
    return [SealedEntry(**json.loads(line)) for line in (GOLDEN / "chain.jsonl").read_text().splitlines()]


@pytest.fixture
def keys():
    return read_keys((GOLDEN / "keys.json").read_bytes())


def test_the_chain_of_the_first_release_holds(keys):
    kept = read_checkpoint((GOLDEN / "checkpoint.txt").read_text())
    report = verify_chain(stored(), school=SCHOOL, keys=keys, checkpoints=[kept])
    assert report.holds
    assert (report.size, report.checkpoints) == (5, 1)


@pytest.mark.parametrize("name", ["sheet.json", "certificate.pdf"])
def test_the_records_of_the_first_release_hold(name: str, keys):
    assert offline.check((GOLDEN / name).read_bytes(), keys).holds


def test_the_same_acts_are_written_in_the_same_bytes():
    made = first_release()
    assert made.entries == stored()
    assert checkpoint_note(made.checkpoint()) == (GOLDEN / "checkpoint.txt").read_text()
    assert bundle_text(made.bundle(1)) == (GOLDEN / "sheet.json").read_text()
