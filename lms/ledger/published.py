"""What the school hands out beside records: its public keys, and checkpoints that fit in a mail."""

import json
from collections.abc import Iterable
from typing import Any

from lms.ledger import seal
from lms.ledger.types import KEYS_FORMAT, VERSION, CheckpointJson, Json, PublicKey, SignedCheckpoint


class Unreadable(ValueError):
    """The file is not what it should be; the message says what was expected."""


def keys_json(school: str, keys: Iterable[PublicKey]) -> Json:
    """For /.well-known/steadyhand-keys.json: every key there ever was."""
    listed = [{"id": k.id, "public": k.public, "created_at": k.created_at, "last_seq": k.last_seq} for k in keys]
    return {"format": KEYS_FORMAT, "v": VERSION, "school": school, "keys": listed}


def read_keys(text: str | bytes) -> dict[str, PublicKey]:
    """Raises Unreadable. A key whose id is not its own hash makes the whole file suspect."""
    try:
        content = json.loads(text)
        if content["format"] != KEYS_FORMAT or content["v"] != VERSION:
            raise Unreadable("This is not a file of a school's public keys.")
        keys = [_key(item) for item in content["keys"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable("This is not a file of a school's public keys.") from error
    return {key.id: key for key in keys}


def _key(item: dict[str, Any]) -> PublicKey:
    last = item.get("last_seq")
    if not seal.is_hex(item["public"], 64) or seal.key_id(item["public"]) != item["id"]:
        raise Unreadable("A key in the file does not fit its id.")
    if last is not None and type(last) is not int:
        raise Unreadable("The file does not say which entry retired a key.")
    return PublicKey(item["id"], item["public"], str(item.get("created_at", "")), last)


def checkpoint_json(checkpoint: SignedCheckpoint) -> CheckpointJson:
    return {
        "school": checkpoint.school,
        "size": checkpoint.size,
        "head": checkpoint.head,
        "key_id": checkpoint.key_id,
        "signature": checkpoint.signature,
    }


def checkpoint_note(checkpoint: SignedCheckpoint) -> str:
    """The three signed lines, an empty one, and one with key and signature."""
    signed = f"{checkpoint.school}\n{checkpoint.size}\n{checkpoint.head}\n"
    return f"{signed}\n{checkpoint.key_id} {checkpoint.signature}\n"


def read_checkpoint(text: str) -> SignedCheckpoint:
    """Raises Unreadable."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) != 5 or lines[3] or len(lines[4].split()) != 2 or not (lines[1].isascii() and lines[1].isdigit()):
        raise Unreadable("A checkpoint has five lines: school, size, head, an empty line, key and signature.")
    key_id, signature = lines[4].split()
    return SignedCheckpoint(lines[0], int(lines[1]), lines[2], key_id, signature)
