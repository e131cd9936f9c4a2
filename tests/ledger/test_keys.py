"""Private keys on the disk."""

import stat
from pathlib import Path

import pytest

from lms.errors import RuleBroken
from lms.ledger import keys, seal

PASSPHRASE = "two walnut tables"


def test_a_new_key_is_for_its_owners_eyes_only(tmp_path: Path):
    key_id = keys.create(tmp_path / "keys")
    path = tmp_path / "keys" / f"{key_id}.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert seal.key_id(seal.public_of(keys.load(tmp_path / "keys", key_id))) == key_id


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int):
    key_id = keys.create(tmp_path)
    (tmp_path / f"{key_id}.key").chmod(mode)
    with pytest.raises(keys.KeyExposed, match="chmod 600"):
        keys.load(tmp_path, key_id)


def test_a_key_that_is_not_there_is_missing(tmp_path: Path):
    with pytest.raises(keys.KeyMissing):
        keys.load(tmp_path, "0" * 64)


@pytest.mark.parametrize("name", ["../secret-key", "", "A" * 64])
def test_a_name_that_is_no_key_id_opens_nothing(tmp_path: Path, name: str):
    with pytest.raises(keys.KeyMissing):
        keys.load(tmp_path, name)


def test_a_link_in_a_keys_place_is_not_followed(tmp_path: Path):
    key_id = keys.create(tmp_path / "elsewhere")
    (tmp_path / f"{key_id}.key").symlink_to(tmp_path / "elsewhere" / f"{key_id}.key")
    with pytest.raises(keys.KeyMissing):
        keys.load(tmp_path, key_id)


def test_a_key_under_anothers_name_is_refused(tmp_path: Path):
    one, two = keys.create(tmp_path), keys.create(tmp_path)
    (tmp_path / f"{one}.key").replace(tmp_path / f"{two}.key")
    with pytest.raises(keys.KeyMissing, match="another key"):
        keys.load(tmp_path, two)


def test_an_exported_key_comes_back_with_its_passphrase(tmp_path: Path):
    key_id = keys.create(tmp_path / "old")
    exported = keys.export(tmp_path / "old", key_id, PASSPHRASE)
    assert b"ENCRYPTED" in exported
    assert keys.bring_back(tmp_path / "new", exported, PASSPHRASE) == key_id
    assert keys.bring_back(tmp_path / "new", exported, PASSPHRASE) == key_id
    assert keys.present(tmp_path / "new") == {key_id}


def test_an_exported_key_does_not_come_back_with_another_passphrase(tmp_path: Path):
    exported = keys.export(tmp_path, keys.create(tmp_path), PASSPHRASE)
    with pytest.raises(RuleBroken, match="passphrase"):
        keys.bring_back(tmp_path / "new", exported, "two walnut chairs")
    with pytest.raises(RuleBroken):
        keys.bring_back(tmp_path / "new", b"rubbish", PASSPHRASE)


def test_a_short_passphrase_is_refused(tmp_path: Path):
    with pytest.raises(RuleBroken, match="12"):
        keys.export(tmp_path, keys.create(tmp_path), "short")
