"""Private keys: one file each, for its owner's eyes only, outside the database."""

import json
import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app

from lms.errors import RuleBroken
from lms.ledger import seal
from lms.ledger.types import Json

SUFFIX = ".key"


class KeyMissing(RuleBroken):
    """The school's key is not on this machine; nothing can be signed."""


class KeyExposed(RuleBroken):
    """Others on this machine could have read the key."""


def folder() -> Path:
    return current_app.config["DATA_DIR"] / "keys"


def create(where: Path) -> str:
    """A new key on the disk; returns its id."""
    private = Ed25519PrivateKey.generate()
    _store(where, private)
    return seal.key_id(seal.public_of(private))


def load(where: Path, key_id: str) -> Ed25519PrivateKey:
    """Raises KeyMissing, or KeyExposed when anyone but the owner may read the file."""
    if not seal.is_hex(key_id, 64):
        raise KeyMissing("There is no such key.")
    path = where / f"{key_id}{SUFFIX}"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise KeyMissing(f"The key {key_id[:12]} is not in {where}.") from error
    with os.fdopen(handle, "rb") as file:
        if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
            raise KeyExposed(f"Others can read {path}: run chmod 600 on it, and change the key if somebody did.")
        private = _private(file.read())
    if seal.key_id(seal.public_of(private)) != key_id:
        raise KeyMissing(f"The file {path} holds another key.")
    return private


def present(where: Path) -> set[str]:
    """Ids of the keys whose private half is on this machine."""
    return {path.stem for path in where.glob(f"*{SUFFIX}") if seal.is_hex(path.stem, 64)}


def export(where: Path, key_id: str, passphrase: str) -> bytes:
    """PKCS8 PEM, encrypted: the only form in which a key leaves the machine."""
    if len(passphrase) < 12:
        raise RuleBroken("The passphrase needs at least 12 characters.")
    return load(where, key_id).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )


def bring_back(where: Path, exported: bytes, passphrase: str) -> str:
    """Put an exported key on this machine; returns its id."""
    try:
        private = _private(exported, passphrase.encode())
    except ValueError as error:
        raise RuleBroken("This is not an exported key, or the passphrase is another.") from error
    key_id = seal.key_id(seal.public_of(private))
    if key_id not in present(where):
        _store(where, private)
    return key_id


def write_public(path: Path, published: Json) -> None:
    """Readers see the old file or the new one, never half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(published, indent=1) + "\n")
    os.replace(fresh, path)


def _private(pem: bytes, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    try:
        private = serialization.load_pem_private_key(pem, passphrase)
    except (TypeError, ValueError) as error:
        raise ValueError("not a key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return private


def _store(where: Path, private: Ed25519PrivateKey) -> None:
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = where / f"{seal.key_id(seal.public_of(private))}{SUFFIX}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        file.flush()
        os.fsync(file.fileno())
    _sync(where)


def _sync(where: Path) -> None:
    handle = os.open(where, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
