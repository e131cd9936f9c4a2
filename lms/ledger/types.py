"""The shapes of the record and of what verification finds. Hashes, keys and signatures are lower-case hex."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self, TypedDict

VERSION = 1
GENESIS = "0" * 64  # what the first entry names as the one before it
RECORD_FORMAT = "steadyhand-record"
KEYS_FORMAT = "steadyhand-keys"
ATTACHMENT = "record.json"  # the record's name inside a PDF

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """One link of the chain as it is stored: the exact text, and what was computed from it."""

    seq: int
    text: str
    hash: str
    seal: str
    key_id: str


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """The school's word that its record held `size` entries and ended in `head`."""

    school: str
    size: int
    head: str
    key_id: str
    signature: str


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key the school published. `last_seq` is the entry that retired it, the last it may have sealed."""

    id: str
    public: str
    created_at: str = ""
    last_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person sees and signs, with the values and salts that stay outside it."""

    content: Json
    values: dict[str, str]
    salts: dict[str, bytes]


class RecordValue(TypedDict):
    name: str
    value: str
    salt: str


class CheckpointJson(TypedDict):
    school: str
    size: int
    head: str
    key_id: str
    signature: str


class Bundle(TypedDict):
    """One exported record: everything a stranger needs besides the school's public keys."""

    format: str
    v: int
    entry: str
    seal: str
    key_id: str
    checkpoint: CheckpointJson
    values: list[RecordValue]


class State(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `code` is for programs, `text` for people."""

    state: State
    code: str
    text: str

    @classmethod
    def holds(cls, code: str, text: str) -> Self:
        return cls(State.HOLDS, code, text)

    @classmethod
    def broken(cls, code: str, text: str) -> Self:
        return cls(State.BROKEN, code, text)

    @classmethod
    def unknown(cls, code: str, text: str) -> Self:
        return cls(State.UNKNOWN, code, text)


class Fault(StrEnum):
    """Why a chain breaks."""

    CHANGED = "changed"
    MALFORMED = "malformed"
    GAP = "gap"
    WRONG_PREV = "wrong_prev"
    OTHER_SCHOOL = "other_school"
    UNKNOWN_KEY = "unknown_key"
    NOT_IN_USE = "key_not_in_use"
    WRONG_SEAL = "wrong_seal"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    WRONG_CHECKPOINT = "wrong_checkpoint"
    WRONG_VALUE = "wrong_value"
    WRONG_ROW = "wrong_row"


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that does not hold, and why."""

    seq: int
    fault: Fault
    text: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How far the chain was followed, where it ended, and the first break if there is one."""

    size: int
    head: str
    broken: Break | None = None
    checkpoints: int = 0

    @property
    def holds(self) -> bool:
        return self.broken is None
