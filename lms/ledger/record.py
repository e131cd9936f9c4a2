"""One record that leaves the school: made, read, and checked with nothing but the school's public keys."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from lms.ledger import seal
from lms.ledger.canonical import canonical
from lms.ledger.chain import SALT_BYTES, commitment, entry_hash
from lms.ledger.published import checkpoint_json
from lms.ledger.types import (
    RECORD_FORMAT,
    VERSION,
    Bundle,
    Finding,
    Json,
    RecordValue,
    SealedEntry,
    SignedCheckpoint,
    State,
)
from lms.ledger.verify import Keys, checkpoint_trouble, known, read_entry

FIELDS = {
    "format": str,
    "v": int,
    "entry": str,
    "seal": str,
    "key_id": str,
    "checkpoint": dict,
    "values": list,
}
CHECKPOINT = {"school": str, "size": int, "head": str, "key_id": str, "signature": str}
VALUE = {"name": str, "value": str, "salt": str}


def bundle(entry: SealedEntry, checkpoint: SignedCheckpoint, values: list[RecordValue]) -> Bundle:
    return {
        "format": RECORD_FORMAT,
        "v": VERSION,
        "entry": entry.text,
        "seal": entry.seal,
        "key_id": entry.key_id,
        "checkpoint": checkpoint_json(checkpoint),
        "values": values,
    }


def bundle_text(record: Bundle) -> str:
    """The one spelling of the file: any other byte in it is found by verification."""
    return canonical(record)


def verify_record(record: Mapping[str, Any], public_keys: Keys) -> list[Finding]:
    """Everything that was checked, in order. The record holds when no finding is `broken`."""
    content = read_entry(record["entry"]) if _shaped(record) else None
    if content is None:
        return [Finding.broken("format", "This is not a record of a Steadyhand school, or its text was changed.")]
    return [
        *_seal(record, content, public_keys),
        *_checkpoint(record, content, public_keys),
        *_values(record["values"], content["body"]["statement"]["commitments"]),
        Finding.unknown("later", "Whether it was corrected or revoked later, only the school's verify page can tell."),
    ]


def holds(findings: list[Finding]) -> bool:
    return not any(finding.state is State.BROKEN for finding in findings)


def _shaped(record: Mapping[str, Any]) -> bool:
    return (
        _fields(record, FIELDS)
        and record["format"] == RECORD_FORMAT
        and record["v"] == VERSION
        and _fields(record["checkpoint"], CHECKPOINT)
        and all(_fields(item, VALUE) for item in record["values"])
    )


def _fields(content: Any, fields: Mapping[str, type]) -> bool:
    return (
        isinstance(content, Mapping)
        and content.keys() == fields.keys()
        and all(type(content[name]) is kind for name, kind in fields.items())
    )


def _seal(record: Mapping[str, Any], content: Json, keys: Keys) -> Iterator[Finding]:
    public = known(keys, record["key_id"])
    if public is None:
        yield Finding.broken(
            "unknown_key", "The record is sealed with a key that is not among the school's public keys."
        )
        return
    if public.last_seq is not None and content["seq"] > public.last_seq:
        yield Finding.broken("key_not_in_use", "The record is sealed with a key that was no longer in use.")
    if seal.seal_holds(public.public, entry_hash(record["entry"]), record["seal"]):
        yield Finding.holds(
            "seal", f"The school sealed this as entry {content['seq']}, and nothing in it was changed since."
        )
    else:
        yield Finding.broken(
            "wrong_seal", "The seal does not fit the text: the record was changed, or another school made it."
        )


def _checkpoint(record: Mapping[str, Any], content: Json, keys: Keys) -> Iterator[Finding]:
    checkpoint = SignedCheckpoint(**record["checkpoint"])
    head = entry_hash(record["entry"])
    if why := checkpoint_trouble(checkpoint, content["school"], keys):
        yield Finding.broken("wrong_checkpoint", why)
    elif checkpoint.size < content["seq"]:
        yield Finding.broken("wrong_checkpoint", "The checkpoint is older than the record.")
    elif checkpoint.size > content["seq"]:
        yield Finding.holds(
            "checkpoint", f"The school's checkpoint over {checkpoint.size} entries was made after this one."
        )
    elif checkpoint.head != head:
        yield Finding.broken("wrong_checkpoint", f"The checkpoint saw another entry {checkpoint.size}.")
    else:
        yield Finding.holds("checkpoint", f"The school's checkpoint over {checkpoint.size} entries ends in this one.")


def _values(values: list[RecordValue], commitments: Mapping[str, Any]) -> Iterator[Finding]:
    given = Counter(item["name"] for item in values)
    for item in values:
        name = item["name"]
        if given[name] > 1 or name not in commitments:
            yield Finding.broken("wrong_value", f"“{name}” is not a value of this record.")
        elif value_holds(item["value"], item["salt"], commitments[name]):
            yield Finding.holds("value", f"“{name}” is what was sealed: {item['value']}")
        else:
            yield Finding.broken("wrong_value", f"“{name}” is not what was sealed.")
    for name in sorted(commitments.keys() - given.keys()):
        yield Finding.unknown("no_value", f"“{name}” was erased or left out; its seal remains.")


def value_holds(value: str, salt: str, committed: object) -> bool:
    if not seal.is_hex(salt, 2 * SALT_BYTES):
        return False
    return commitment(value, bytes.fromhex(salt)) == committed
