"""Statements, entries and how each is tied to the one before. Values in, values out.

commitment = SHA-256("steadyhand-value\\0" + salt + value)            salt: 16 random bytes
challenge  = SHA-256("steadyhand-statement\\0" + JCS(statement))      what a passkey signs
hash       = SHA-256("steadyhand-entry\\0" + JCS(entry))
seal       = Ed25519("steadyhand-entry-sig\\0" + hash, as 64 hex digits)
checkpoint = Ed25519("school\\nsize\\nhead\\n")
"""

import hashlib
import secrets
from collections.abc import Mapping

from lms.ledger.canonical import canonical
from lms.ledger.types import VERSION, Json, Statement

SALT_BYTES = 16


def commitment(value: str, salt: bytes) -> str:
    """Hides the value, and ties the statement to it."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 16 bytes")
    return _sha256(b"steadyhand-value\0" + salt + value.encode())


def draft(
    kind: str,
    *,
    school: str,
    content: Json,
    values: Mapping[str, str],
    salts: Mapping[str, bytes] | None = None,
) -> Statement:
    """The statement with a commitment for each personal value. Salts are drawn where none is given."""
    drawn = {name: (salts or {}).get(name) or secrets.token_bytes(SALT_BYTES) for name in sorted(values)}
    fixed = {"v": VERSION, "type": kind, "school": school}
    finished = {
        **content,
        **fixed,
        "commitments": {name: commitment(values[name], drawn[name]) for name in drawn},
    }
    for name, given in content.items():
        if finished[name] != given:
            raise ValueError(f"the statement's {name} is not what is being recorded")
    canonical(finished)
    return Statement(finished, dict(values), drawn)


def challenge(statement: Json) -> bytes:
    """What a passkey signs: 32 bytes that stand for the whole statement."""
    return hashlib.sha256(b"steadyhand-statement\0" + canonical(statement).encode()).digest()


def entry_text(school: str, seq: int, prev: str, *, statement: Json, received: Json) -> str:
    body = {"statement": statement, "received": received}
    return canonical({"v": VERSION, "school": school, "seq": seq, "prev": prev, "body": body})


def entry_hash(text: str) -> str:
    return _sha256(b"steadyhand-entry\0" + text.encode())


def checkpoint_text(school: str, size: int, head: str) -> str:
    if "\n" in school or "\0" in school:
        raise ValueError("a school's name in the record is one line")
    return f"{school}\n{size}\n{head}\n"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
