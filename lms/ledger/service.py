"""Append to the school's record, check it, and hand out parts of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from lms import audit, clock
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.ledger import chain, keys, published, seal, stored
from lms.ledger import record as records
from lms.ledger.models import Checkpoint, LedgerEntry, LedgerHead, LedgerKey, LedgerValue
from lms.ledger.types import GENESIS, Bundle, ChainReport, Json, PublicKey, SignedCheckpoint, Statement
from lms.ledger.verify import ROTATED, Progress
from lms.school import service as school

HEAD = 1
CLOCK_TOLERANCE = timedelta(minutes=5)
PUBLISHED = "steadyhand-keys.json"
VALUES = select(LedgerValue.seq, LedgerValue.name, LedgerValue.value).where(
    LedgerValue.seq.in_(bindparam("seqs", expanding=True))
)


class ClockBehind(RuleBroken):
    """The server's clock stands before the last entry; nothing is signed until someone has looked at it."""


def draft(
    kind: str,
    *,
    statement: Json,
    values: Mapping[str, str],
    subject_id: int | None = None,
    salts: Mapping[str, bytes] | None = None,
) -> Statement:
    """The statement as it will be sealed: show it, or let a passkey sign `chain.challenge(draft.content)`."""
    content = _about(statement, subject_id)
    return chain.draft(kind, school=school.current().uid, content=content, values=values, salts=salts)


def append(
    kind: str,
    *,
    statement: Json,
    values: Mapping[str, str],
    received: Json,
    subject_id: int | None = None,
    salts: Mapping[str, bytes] | None = None,
    at: datetime | None = None,
) -> LedgerEntry:
    """Seal one act: the last statement of a `db.write()`, so that the row and its entry are stored together.

    `statement` is what was shown, `values` its personal and free texts (they become commitments), `received`
    what the server adds: signer, way of signing, recomputed outcome. `at` is the time that the
    action's own rows carry.
    A drafted statement is passed with its `salts` and must match. Raises ClockBehind, KeyMissing, KeyExposed.
    """
    moment = at or clock.now()
    head = _locked_head()
    last = _last_at(head)
    if last and moment < last - CLOCK_TOLERANCE:
        raise ClockBehind("The server's clock is behind the last signature. Nothing was signed: tell your school.")
    return _append(head, kind, statement, values, received, subject_id, salts, moment)


def next_seq() -> int:
    """The number of the entry to come, for the row it belongs to; the head is held until the write ends."""
    return _locked_head().size + 1


def correct_clock(reason: str) -> LedgerEntry:
    """After the clock had run ahead: an entry that says so, from which time goes on."""
    with db.write():
        head = _locked_head()
        last, moment = _last_at(head), clock.now()
        statement = {"reason": reason, "last_signed_at": _stamp(last) if last else None}
        audit.record("ledger.clock_corrected", by=None)
        return _append(head, "clock.corrected", statement, {}, {}, None, None, moment)


def _append(
    head: LedgerHead,
    kind: str,
    statement: Json,
    values: Mapping[str, str],
    received: Json,
    subject_id: int | None,
    salts: Mapping[str, bytes] | None,
    moment: datetime,
) -> LedgerEntry:
    if "signed_at" in received:
        raise ValueError("the record sets signed_at itself")
    shown = draft(kind, statement=statement, values=values, subject_id=subject_id, salts=salts)
    text = chain.entry_text(
        shown.content["school"],
        head.size + 1,
        head.head,
        statement=shown.content,
        received={**received, "signed_at": _stamp(moment)},
    )
    digest = chain.entry_hash(text)
    entry = LedgerEntry(
        seq=head.size + 1,
        kind=kind,
        hash=digest,
        prev=head.head,
        text=text,
        seal=seal.seal(keys.load(keys.folder(), head.key_id), digest),
        key_id=head.key_id,
        at=moment,
        subject_user_id=subject_id,
    )
    head.size, head.head = entry.seq, digest
    db.session.add(entry)
    db.session.flush()
    _keep_values(entry.seq, shown)
    return entry


def _keep_values(seq: int, shown: Statement) -> None:
    db.session.add_all(
        LedgerValue(seq=seq, name=name, salt=shown.salts[name].hex(), value=value)
        for name, value in sorted(shown.values.items())
    )
    db.session.flush()


def _about(statement: Json, subject_id: int | None) -> Json:
    """The statement names its subject, so that the entry cannot be shown as another person's."""
    if subject_id is None:
        return statement
    drafted = "commitments" in statement  # and perhaps signed: nothing may be added
    subject = statement.get("subject", {} if drafted else {"user": subject_id})
    if not isinstance(subject, dict) or subject.get("user") != subject_id:
        raise ValueError("the statement is about another person")
    return {**statement, "subject": subject}


def _locked_head() -> LedgerHead:
    if not db.session().info.get("writing"):
        raise RuntimeError("append and checkpoint belong inside db.write()")
    try:
        return db.locked(LedgerHead, HEAD)
    except NotFound as missing:
        raise keys.KeyMissing("The school has no key yet: run `lms keys new`.") from missing


def _last_at(head: LedgerHead) -> datetime | None:
    return db.session.scalar(select(LedgerEntry.at).filter_by(seq=head.size))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def checkpoint(reason: str) -> Checkpoint:
    """Sign how long the chain is and where it ends; copies go outside: certificates, mails, backups."""
    with db.write():
        head = _locked_head()
        signed = seal.checkpoint(keys.load(keys.folder(), head.key_id), school.current().uid, head.size, head.head)
        made = Checkpoint(
            size=signed.size,
            head=signed.head,
            key_id=signed.key_id,
            signature=signed.signature,
            made_at=clock.now(),
            reason=reason,
        )
        db.session.add(made)
        db.session.flush()
    return made


def latest_checkpoint() -> SignedCheckpoint | None:
    row = db.session.scalars(select(Checkpoint).order_by(Checkpoint.id.desc()).limit(1)).one_or_none()
    return stored.signed(row, school.current().uid) if row else None


def verify_all(checkpoint: SignedCheckpoint | None = None, progress: Progress | None = None) -> ChainReport:
    """Follow the whole stored chain; `checkpoint` is a copy that was kept outside."""
    outside = [checkpoint] if checkpoint else []
    return stored.verify(school.current().uid, {k.id: k for k in public_keys()}, outside, progress)


def record(seq: int) -> Bundle:
    """One record to hand out, with its values, to a person who may see it. Raises NotFound."""
    entry = db.session.get(LedgerEntry, seq)
    if entry is None:
        raise NotFound(f"ledger entry {seq}")
    values = db.session.scalars(select(LedgerValue).filter_by(seq=seq).order_by(LedgerValue.name))
    return records.bundle(
        stored.sealed(entry),
        _checkpoint_after(entry),
        [{"name": row.name, "value": row.value, "salt": row.salt} for row in values],
    )


def _checkpoint_after(entry: LedgerEntry) -> SignedCheckpoint:
    """The first stored one that covers the entry; where there is none yet, one that ends in it."""
    covers = select(Checkpoint).where(Checkpoint.size >= entry.seq).order_by(Checkpoint.size, Checkpoint.id).limit(1)
    row, uid = db.session.scalars(covers).one_or_none(), school.current().uid
    if row:
        return stored.signed(row, uid)
    return seal.checkpoint(keys.load(keys.folder(), key_in_use()), uid, entry.seq, entry.hash)


def values(seq: int) -> dict[str, str]:
    return values_of([seq])[seq]


def values_of(seqs: Collection[int]) -> dict[int, dict[str, str]]:
    """The values of several entries in one query; erased ones are absent."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict, {seq: {} for seq in seqs})
    for row in db.session.execute(VALUES, {"seqs": list(seqs)}):
        found[row.seq][row.name] = row.value
    return dict(found)


def erase(seq: int, names: Iterable[str]) -> int:
    """Forget values and their salts for good; commitments that nobody can open remain. Returns how many."""
    with db.write():
        gone = (
            delete(LedgerValue)
            .where(LedgerValue.seq == seq, LedgerValue.name.in_(list(names)))
            .returning(LedgerValue.id)
        )
        count = len(db.session.execute(gone).all())
        audit.record("ledger.erased", by=None, subject=("ledger_entry", seq), count=count)
    return count


def new_key() -> LedgerKey:
    """The school's first key. Later ones come by rotation. Raises NotFound before there is a school."""
    school.current()
    if _has_key():
        raise RuleBroken("The school has a key already; `lms keys rotate` changes it.")
    key_id = keys.create(keys.folder())
    with db.write():
        if _has_key():
            raise RuleBroken("The school has a key already; `lms keys rotate` changes it.")
        key = _keep(key_id)
        db.session.add(LedgerHead(id=HEAD, size=0, head=GENESIS, key_id=key_id))
        audit.record("key.created", by=None, key=key_id)
        db.after_commit(publish_keys)
    return key


def rotate_key() -> LedgerEntry:
    """A new key takes over; the old one vouches for it in its last entry and stays published."""
    with db.write():
        head = _locked_head()
        key_id = keys.create(keys.folder())
        new = _keep(key_id)
        statement = {"old_key": head.key_id, "new_key": key_id, "new_public": new.public}
        audit.record(ROTATED, by=None, old=head.key_id, new=key_id)
        entry = append(ROTATED, statement=statement, values={}, received={})
        head.key_id = key_id
        db.after_commit(publish_keys)
    return entry


def key_in_use() -> str:
    """The id of the key that seals now. Raises KeyMissing."""
    found = db.session.scalar(select(LedgerHead.key_id).filter_by(id=HEAD))
    if found is None:
        raise keys.KeyMissing("The school has no key yet: run `lms keys new`.")
    return found


def _has_key() -> bool:
    return db.session.get(LedgerHead, HEAD) is not None


def _keep(key_id: str) -> LedgerKey:
    public = seal.public_of(keys.load(keys.folder(), key_id))
    key = LedgerKey(id=key_id, public=public, created_at=clock.now())
    db.session.add(key)
    db.session.flush()
    return key


def public_keys() -> list[PublicKey]:
    """Every key there ever was, oldest first, each with the entry that retired it."""
    rotations = db.session.execute(select(LedgerEntry.key_id, LedgerEntry.seq).filter_by(kind=ROTATED))
    retired = {row.key_id: row.seq for row in rotations}
    rows = db.session.scalars(select(LedgerKey).order_by(LedgerKey.created_at, LedgerKey.id))
    return [PublicKey(row.id, row.public, _stamp(row.created_at), retired.get(row.id)) for row in rows]


def published_keys() -> Json:
    return published.keys_json(school.current().uid, public_keys())


def publish_keys() -> None:
    """A copy beside the private keys, so that `lms verify` on this machine needs no other file."""
    keys.write_public(keys.folder() / PUBLISHED, published_keys())
