"""`lms keys` and `lms ledger` as they are typed."""

import argparse
import json
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask, g

from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.ledger import commands, key_commands, keys, offline, published, service
from lms.ledger.models import LedgerHead
from lms.ledger.record import bundle_text


def typed(module: ModuleType, *words: str) -> int:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return module.run(parser.parse_args(list(words)))


@pytest.fixture
def entry(app: Flask):
    with db.write():
        return service.append("sheet.signed", statement={}, values={"comment": "calm hands"}, received={})


def test_the_first_key_is_made_once(app: Flask, capsys):
    with pytest.raises(RuleBroken, match="already"):
        typed(key_commands, "new")
    with db.write():
        db.session.delete(db.session.get(LedgerHead, service.HEAD))
    assert typed(key_commands, "new") == 0
    assert service.key_in_use() in capsys.readouterr().out


def test_before_there_is_a_school_there_is_no_key(app: Flask):
    with db.write():
        db.session.delete(db.session.get(LedgerHead, service.HEAD))
        db.session.delete(service.school.current())
    g.pop("school")
    with pytest.raises(NotFound):
        typed(key_commands, "new")
    with pytest.raises(keys.KeyMissing):
        typed(key_commands, "list")
    assert len(keys.present(keys.folder())) == 1


def test_keys_are_made_listed_and_rotated(entry, capsys):
    first = service.key_in_use()
    assert typed(key_commands, "rotate") == 0
    capsys.readouterr()
    assert typed(key_commands, "list") == 0
    old, new = capsys.readouterr().out.splitlines()
    assert old.startswith(first)
    assert "until entry 2" in old
    assert new.startswith(service.key_in_use())
    assert "in use, private key here" in new


def test_a_key_goes_out_and_comes_back_encrypted(entry, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("LMS_KEY_PASSPHRASE", "two walnut tables")
    assert typed(key_commands, "export", str(tmp_path / "key.pem")) == 0
    (keys.folder() / f"{service.key_in_use()}.key").unlink()
    typed(key_commands, "list")
    assert "not on this machine" in capsys.readouterr().out
    assert typed(key_commands, "import", str(tmp_path / "key.pem")) == 0
    assert keys.present(keys.folder()) == {service.key_in_use()}


def test_an_export_never_writes_over_a_file(entry, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("LMS_KEY_PASSPHRASE", "two walnut tables")
    (tmp_path / "key.pem").write_text("mine")
    with pytest.raises(RuleBroken, match="cannot be written"):
        typed(key_commands, "export", str(tmp_path / "key.pem"))
    assert (tmp_path / "key.pem").read_text() == "mine"


def test_the_record_is_verified_against_a_kept_checkpoint(entry, tmp_path: Path, capsys):
    typed(commands, "checkpoint", "--reason", "before the audit")
    note = capsys.readouterr().out
    (tmp_path / "kept.txt").write_text(note.replace("\n", "\r\n"))
    assert typed(commands, "verify", "--checkpoint", str(tmp_path / "kept.txt")) == 0
    assert "1 entries, 2 checkpoints met (the one you kept over 1 entries too)" in capsys.readouterr().out


def test_a_record_that_was_cut_does_not_verify_against_a_kept_checkpoint(entry, tmp_path: Path, capsys):
    kept = service.seal.checkpoint(keys.load(keys.folder(), service.key_in_use()), entry_school(), 2, "a" * 64)
    (tmp_path / "kept.txt").write_text(published.checkpoint_note(kept))
    assert typed(commands, "verify", "--checkpoint", str(tmp_path / "kept.txt")) == 1
    assert "DOES NOT HOLD from entry 2 on (truncated)" in capsys.readouterr().out


def entry_school() -> str:
    return service.school.current().uid


def test_verification_speaks_json(entry, capsys):
    assert typed(commands, "verify", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["holds"], report["size"], report["broken"]) == (True, 1, None)


@pytest.mark.parametrize("text", ["", "a\nb\nc\n\nd e", "a\n-1\nc\n\nd e", "\x00\xff"])
def test_a_file_that_is_no_checkpoint_is_refused(entry, tmp_path: Path, text: str):
    (tmp_path / "kept.txt").write_bytes(text.encode("latin-1"))
    with pytest.raises(RuleBroken, match=r"kept\.txt"):
        typed(commands, "verify", "--checkpoint", str(tmp_path / "kept.txt"))


def test_signing_goes_on_after_the_clock_was_corrected(entry, capsys):
    assert typed(commands, "correct-clock", "--reason", "It ran ahead.") == 0
    assert "Entry 2" in capsys.readouterr().out


def test_an_exported_record_verifies_with_the_published_keys(entry, as_, tmp_path: Path, capsys):
    (tmp_path / "sheet.json").write_text(bundle_text(service.record(entry.seq)))
    (tmp_path / "keys.json").write_bytes(as_(None).get("/.well-known/steadyhand-keys.json").data)
    assert typed(offline, str(tmp_path / "sheet.json"), "--keys", str(tmp_path / "keys.json")) == 0
    assert "calm hands" in capsys.readouterr().out
