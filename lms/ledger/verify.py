"""Follow the chain from its first entry and name the first one that does not hold, and why."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lms.ledger import seal
from lms.ledger.canonical import NotCanonical, parse
from lms.ledger.chain import entry_hash
from lms.ledger.types import (
    GENESIS,
    VERSION,
    Break,
    ChainReport,
    Fault,
    Json,
    PublicKey,
    SealedEntry,
    SignedCheckpoint,
)

ROTATED = "key.rotated"
ENTRY = {"v": int, "school": str, "seq": int, "prev": str, "body": dict}
STATEMENT = {"v": int, "type": str, "school": str, "commitments": dict}
Keys = Mapping[str, PublicKey]
Progress = Callable[[int], None]


class _Broken(Exception):
    def __init__(self, seq: int, fault: Fault, text: str) -> None:
        self.found = Break(seq, fault, text)


def verify_chain(
    entries: Iterable[SealedEntry],
    *,
    school: str,
    keys: Keys,
    checkpoints: Iterable[SignedCheckpoint] = (),
    progress: Progress | None = None,
    also: Callable[[Json], str | None] = lambda _: None,
) -> ChainReport:
    """Entries come in order of `seq`, all of them; they may be a stream. Stops at the first break.

    `also` may find something else wrong with the entry in hand, as a sentence.
    """
    walk = _Walk(school, keys)
    try:
        waiting = _signed(checkpoints, school, keys)
        walk.meet(waiting.pop(0, []))
        for entry in entries:
            content = walk.step(entry)
            if trouble := also(content):
                raise _Broken(walk.size, Fault.WRONG_ROW, trouble)
            walk.meet(waiting.pop(walk.size, []))
            if progress:
                progress(walk.size)
        if waiting:
            seen = max(waiting)
            raise _Broken(
                walk.size + 1,
                Fault.TRUNCATED,
                f"The record ends at entry {walk.size}; a checkpoint saw {seen} entries.",
            )
    except _Broken as broken:
        return ChainReport(walk.size, walk.head, broken.found, walk.checkpoints)
    return ChainReport(walk.size, walk.head, checkpoints=walk.checkpoints)


class _Walk:
    """Where the chain has been followed to, and whose key seals from here on."""

    def __init__(self, school: str, keys: Keys) -> None:
        self.school, self.keys = school, keys
        self.size, self.head, self.checkpoints = 0, GENESIS, 0
        self.sealer: str | None = None

    def step(self, entry: SealedEntry) -> Json:
        seq = self.size + 1
        if entry.seq != seq:
            raise _Broken(seq, Fault.GAP, f"Entry {seq} is missing: entry {entry.seq} stands in its place.")
        if entry_hash(entry.text) != entry.hash:
            raise _Broken(seq, Fault.CHANGED, f"Entry {seq} was changed: its text no longer has the hash it was given.")
        content = read_entry(entry.text)
        if content is None:
            raise _Broken(seq, Fault.MALFORMED, f"The text of entry {seq} is not an entry.")
        self._place(content, seq)
        self._seal(entry, seq)
        statement = content["body"]["statement"]
        if statement["type"] == ROTATED:
            self.sealer = _new_key(statement, seq)
        self.size, self.head = seq, entry.hash
        return content

    def _place(self, content: Json, seq: int) -> None:
        if content["seq"] != seq:
            raise _Broken(seq, Fault.GAP, f"In place {seq} stands the text of entry {content['seq']}.")
        if content["school"] != self.school:
            raise _Broken(seq, Fault.OTHER_SCHOOL, f"Entry {seq} belongs to another school.")
        if content["prev"] != self.head:
            raise _Broken(seq, Fault.WRONG_PREV, f"Entry {seq} does not follow the entry before it.")

    def _seal(self, entry: SealedEntry, seq: int) -> None:
        public = known(self.keys, entry.key_id)
        if public is None:
            raise _Broken(seq, Fault.UNKNOWN_KEY, f"Entry {seq} is sealed with a key the school did not publish.")
        if entry.key_id != (self.sealer or entry.key_id):
            raise _Broken(seq, Fault.NOT_IN_USE, f"Entry {seq} is sealed with a key that was not in use then.")
        if not seal.seal_holds(public.public, entry.hash, entry.seal):
            raise _Broken(seq, Fault.WRONG_SEAL, f"The seal of entry {seq} does not fit it.")
        self.sealer = entry.key_id

    def meet(self, checkpoints: Iterable[SignedCheckpoint]) -> None:
        for checkpoint in checkpoints:
            if checkpoint.head != self.head:
                raise _Broken(
                    self.size,
                    Fault.REWRITTEN,
                    f"A checkpoint saw another entry {self.size}: this entry or one before it was rewritten.",
                )
            self.checkpoints += 1


def _signed(checkpoints: Iterable[SignedCheckpoint], school: str, keys: Keys) -> dict[int, list[SignedCheckpoint]]:
    by_size: defaultdict[int, list[SignedCheckpoint]] = defaultdict(list)
    for checkpoint in checkpoints:
        if why := checkpoint_trouble(checkpoint, school, keys):
            raise _Broken(checkpoint.size, Fault.WRONG_CHECKPOINT, why)
        by_size[checkpoint.size].append(checkpoint)
    return by_size


def checkpoint_trouble(checkpoint: SignedCheckpoint, school: str, keys: Keys) -> str | None:
    """What is wrong with a checkpoint in itself, as a sentence."""
    public = known(keys, checkpoint.key_id)
    if checkpoint.school != school:
        return "The checkpoint belongs to another school."
    if public is None:
        return "The checkpoint is signed with a key the school did not publish."
    if not seal.checkpoint_holds(public.public, checkpoint):
        return "The signature of the checkpoint does not fit it."
    if public.last_seq is not None and checkpoint.size > public.last_seq:
        return "The checkpoint is signed with a key that was no longer in use."
    return None


def known(keys: Keys, key_id: str) -> PublicKey | None:
    """The published key of that id, if the id really is its hash."""
    key = keys.get(key_id)
    return key if key and seal.is_hex(key.public, 64) and seal.key_id(key.public) == key_id else None


def read_entry(text: str) -> Json | None:
    """The content of an entry's text; None where it is not the one spelling of an entry."""
    try:
        content = parse(text)
    except NotCanonical:
        return None
    body: Any = content.get("body")
    sound = (
        _has(content, ENTRY, exact=True)
        and content["v"] == VERSION
        and _has(body, {"statement": dict, "received": dict}, exact=True)
        and _has(body["statement"], STATEMENT)
        and body["statement"]["school"] == content["school"]
    )
    return content if sound else None


def _has(content: Any, fields: Mapping[str, type], *, exact: bool = False) -> bool:
    if not isinstance(content, dict) or (exact and content.keys() != fields.keys()):
        return False
    return all(type(content.get(name)) is kind for name, kind in fields.items())


def _new_key(statement: Json, seq: int) -> str:
    new = statement.get("new_key")
    if not isinstance(new, str):
        raise _Broken(seq, Fault.MALFORMED, f"Entry {seq} changes the key without naming the new one.")
    return new
