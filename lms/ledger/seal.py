"""Ed25519: the school's seal on entries and checkpoints. A key's id is the SHA-256 of its public half."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lms.ledger.chain import checkpoint_text
from lms.ledger.types import SignedCheckpoint

HEX = frozenset("0123456789abcdef")


def public_of(private: Ed25519PrivateKey) -> str:
    return private.public_key().public_bytes_raw().hex()


def key_id(public: str) -> str:
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()


def seal(private: Ed25519PrivateKey, entry_hash: str) -> str:
    return private.sign(_sealed(entry_hash)).hex()


def seal_holds(public: str, entry_hash: str, signature: str) -> bool:
    return _holds(public, signature, _sealed(entry_hash))


def checkpoint(private: Ed25519PrivateKey, school: str, size: int, head: str) -> SignedCheckpoint:
    signature = private.sign(checkpoint_text(school, size, head).encode()).hex()
    return SignedCheckpoint(school, size, head, key_id(public_of(private)), signature)


def checkpoint_holds(public: str, signed: SignedCheckpoint) -> bool:
    try:
        message = checkpoint_text(signed.school, signed.size, signed.head).encode()
    except ValueError:
        return False
    return _holds(public, signed.signature, message)


def _sealed(entry_hash: str) -> bytes:
    return b"steadyhand-entry-sig\0" + entry_hash.encode()


def _holds(public: str, signature: str, message: bytes) -> bool:
    """False too for a signature or key in another spelling (upper case, spaces): each has one."""
    if not is_hex(public, 64) or not is_hex(signature, 128):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_hex(text: str, length: int) -> bool:
    return len(text) == length and HEX.issuperset(text)
