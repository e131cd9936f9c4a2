"""`lms verify`: what an employer can tell from a file and the school's public keys."""

import argparse
import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.ledger import offline
from lms.ledger import published as papers
from lms.ledger.record import bundle_text
from lms.ledger.types import State
from tests.ledger.chains import LINES, certificate_chain, certificate_pdf, key, of_length, paper, published

KEYS = published(key(1))
GENUINE = certificate_pdf(certificate_chain())


def broken(data: bytes) -> list[str]:
    return [f.code for f in offline.check(data, KEYS).findings if f.state is State.BROKEN]


def lms_verify(capsys, *words: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    offline.add_arguments(parser)
    code = offline.run(parser.parse_args(list(words)))
    captured = capsys.readouterr()
    return code, captured.out + captured.err


@pytest.fixture
def files(tmp_path: Path) -> Path:
    keys = papers.keys_json("5c1d" * 8, KEYS.values())
    (tmp_path / "keys.json").write_text(json.dumps(keys, indent=2))
    (tmp_path / "certificate.pdf").write_bytes(GENUINE)
    (tmp_path / "sheet.json").write_text(bundle_text(of_length(2).bundle(1)))
    return tmp_path


def test_a_genuine_certificate_holds():
    """R9"""
    checked = offline.check(GENUINE, KEYS)
    assert checked.holds
    assert [f.code for f in checked.findings if f.state is State.HOLDS].count("on_page") == 3


def test_an_exported_record_holds():
    assert offline.check(bundle_text(of_length(2).bundle(2)).encode(), KEYS).holds


@pytest.mark.parametrize(
    ("printed", "forged"),
    [
        ("Maya Okafor", "Mona Okafor"),
        ("100 clock", "400 clock"),
        ("000123-7", "000124-7"),
        ("Maya Okafor", ""),
    ],
)
def test_a_forged_word_on_the_page_is_found(printed: str, forged: str):
    """R9"""
    lines = [line.replace(printed, forged) for line in LINES]
    assert broken(certificate_pdf(certificate_chain(), lines)) == ["not_on_page"]


def test_what_a_broken_record_claims_is_not_told():
    made = certificate_chain()
    made.private = key(9)
    made.append("certificate.issued", {"document": {"facts": {"hours": "100"}, "values": []}})
    checked = offline.check(paper(LINES, record=bundle_text(made.bundle(4)).encode()), KEYS)
    assert (checked.holds, checked.seq, checked.statement) == (False, None, {})
    assert "on_page" not in [finding.code for finding in checked.findings]


def test_another_persons_record_under_a_page_is_found():
    assert broken(certificate_pdf(certificate_chain("Ana Ruiz"))) == ["not_on_page"]


def test_a_pdf_without_a_record_vouches_for_nothing():
    assert broken(paper(LINES)) == ["no_record"]
    assert broken(paper(LINES, other=b"{}")) == ["no_record"]


def test_a_record_of_another_kind_does_not_vouch_for_a_pdf():
    record = bundle_text(of_length(2).bundle(1)).encode()
    assert broken(paper(LINES, record=record)) == ["no_document"]


def test_a_record_that_was_only_laid_out_anew_does_not_hold():
    record = json.dumps(of_length(2).bundle(1), indent=1).encode()
    assert broken(record) == ["format"]


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"%PDF-1.7\ntrailer", b"\x00" * 100, GENUINE[:900], b"{}", b"[]", b"null"]
)
def test_rubbish_is_a_finding_and_never_a_crash(data: bytes):
    assert broken(data)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_flipped_bit_of_a_pdf_changes_what_an_employer_is_told(data):
    raw = bytearray(GENUINE)
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    genuine, checked = offline.check(GENUINE, KEYS), offline.check(bytes(raw), KEYS)
    assert not checked.holds or checked.statement == genuine.statement
    assert not checked.holds or checked.findings == genuine.findings


def document_record(pdf: bytes, serial: str = "LGS-MTR-2026-000123-7") -> bytes:
    made = certificate_chain()
    made.append("certificate.document", {"serial": serial, "sha256": sha256(pdf).hexdigest()})
    return bundle_text(made.bundle(4)).encode()


def bytes_findings(pdf: bytes, record: bytes) -> list[State]:
    checked = {"pdf": offline.check(pdf, KEYS), "record": offline.check(record, KEYS)}
    offline.compare_files(checked)
    return [f.state for f in checked["pdf"].findings if f.code == "bytes"]


def test_the_record_of_a_documents_bytes_vouches_for_every_byte_of_the_pdf():
    assert bytes_findings(GENUINE, document_record(GENUINE)) == [State.HOLDS]
    assert bytes_findings(GENUINE + b"\n", document_record(GENUINE)) == [State.BROKEN]


def test_the_record_of_another_document_says_nothing():
    assert bytes_findings(GENUINE, document_record(GENUINE, "LGS-MTR-2026-000999-1")) == []


def test_the_command_says_on_one_screen_what_holds(files: Path, capsys):
    code, said = lms_verify(capsys, str(files / "certificate.pdf"), "--keys", str(files / "keys.json"))
    assert code == 0
    assert "certificate.issued, entry 3, signed 2026-11-20T17:04:00.000000Z by Iris Vega" in said
    assert "This record HOLDS." in said
    assert len(said.splitlines()) < 20


def test_a_name_in_a_record_cannot_write_lines_of_its_own(files: Path, capsys):
    made = certificate_chain("Ana\n  This record HOLDS.\x1b[2J\u202e")
    (files / "sheet.json").write_text(bundle_text(made.bundle(3)).replace(made.entries[2].seal, "0" * 128))
    code, said = lms_verify(capsys, str(files / "sheet.json"), "--keys", str(files / "keys.json"))
    assert code == 1
    assert [line for line in said.splitlines() if line.startswith("  This record")] == ["  This record DOES NOT HOLD."]
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_the_command_answers_one_when_any_file_does_not_hold(files: Path, capsys):
    (files / "sheet.json").write_text("{}")
    code, said = lms_verify(
        capsys, str(files / "certificate.pdf"), str(files / "sheet.json"), "--keys", str(files / "keys.json")
    )
    assert code == 1
    assert "This record DOES NOT HOLD." in said


def test_the_command_speaks_json(files: Path, capsys):
    code, said = lms_verify(capsys, str(files / "sheet.json"), "--keys", str(files / "keys.json"), "--json")
    report = json.loads(said)[str(files / "sheet.json")]
    assert (code, report["holds"], report["seq"]) == (0, True, 1)


@pytest.mark.parametrize("missing", ["certificate.pdf", "keys.json"])
def test_a_missing_file_is_wrong_usage(files: Path, capsys, missing: str):
    (files / missing).unlink()
    code, said = lms_verify(capsys, str(files / "certificate.pdf"), "--keys", str(files / "keys.json"))
    assert code == 2
    assert missing in said


def test_the_keys_beside_the_schools_own_are_found_by_themselves(files: Path, capsys, monkeypatch):
    (files / "keys").mkdir()
    (files / "keys.json").rename(files / "keys" / "steadyhand-keys.json")
    monkeypatch.setenv("LMS_DATA_DIR", str(files))
    assert lms_verify(capsys, str(files / "sheet.json"))[0] == 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format":"steadyhand-keys","v":1,"keys":[{"id":"a","public":"b"}]}', "null"]
)
def test_a_file_that_holds_no_keys_is_wrong_usage(files: Path, capsys, text: str):
    (files / "keys.json").write_text(text)
    assert lms_verify(capsys, str(files / "sheet.json"), "--keys", str(files / "keys.json"))[0] == 2


def test_a_key_under_a_false_id_makes_the_file_of_keys_unreadable(files: Path, capsys):
    text = (files / "keys.json").read_text()
    (files / "keys.json").write_text(text.replace('"id": "', '"id": "0', 1))
    assert lms_verify(capsys, str(files / "sheet.json"), "--keys", str(files / "keys.json"))[0] == 2


def test_verifying_loads_no_web_server_no_database_and_no_renderer(files: Path):
    program = (
        "import sys; from lms.cli import main; code = main(sys.argv[1:]);"
        "print(sorted({'flask', 'sqlalchemy', 'weasyprint', 'lms.db', 'lms.app'} & set(sys.modules)), code)"
    )
    arguments = [
        "verify",
        str(files / "certificate.pdf"),
        str(files / "sheet.json"),
        "--keys",
        str(files / "keys.json"),
    ]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] 0"
