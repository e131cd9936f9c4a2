"""The school's signed record for many acts at once: the same chain as lms/ledger/service.py makes, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from lms.db import db
from lms.ledger import chain, keys, seal
from lms.ledger.models import LedgerEntry, LedgerHead, LedgerValue
from lms.ledger.types import Statement
from lms.school import service as school


@dataclass
class Act:
    """Something that was signed, with the row that carries its entry's number in `column`."""

    kind: str
    at: datetime
    row: dict[str, Any]
    column: str
    statement: Mapping[str, Any]
    values: Mapping[str, str]
    signer: Mapping[str, Any]
    subject_id: int
    outcome: Mapping[str, Any] | None = None
    answers: "Act | None" = None  # the act that this one names by its hash
    hash: str = field(default="", init=False)

    @property
    def seq(self) -> int:
        return self.row[self.column]


def number(acts: list[Act]) -> None:
    """Give each act its place in the record, by time."""
    acts.sort(key=lambda act: act.at)
    first = _head().size + 1
    for seq, act in enumerate(acts, first):
        act.row[act.column] = seq


def seal_all(acts: list[Act]) -> None:
    """Chain and seal acts that `number` has put in order, inside the surrounding write."""
    head, uid = _head(), school.current().uid
    key, previous = keys.load(keys.folder(), head.key_id), head.head
    entries, values = [], []
    for act in acts:
        shown = _shown(act, uid)
        text = chain.entry_text(uid, act.seq, previous, statement=shown.content, received=_received(act))
        act.hash = previous = chain.entry_hash(text)
        entries.append(
            {
                "seq": act.seq,
                "kind": act.kind,
                "hash": act.hash,
                "prev": entries[-1]["hash"] if entries else head.head,
                "text": text,
                "seal": seal.seal(key, act.hash),
                "key_id": head.key_id,
                "at": act.at,
                "subject_user_id": act.subject_id,
            }
        )
        values += [
            {"seq": act.seq, "name": name, "salt": shown.salts[name].hex(), "value": value}
            for name, value in sorted(shown.values.items())
        ]
    db.session.execute(insert(LedgerEntry), entries)
    db.session.execute(insert(LedgerValue), values)
    db.session.execute(update(LedgerHead).values(size=acts[-1].seq, head=previous))


def _head() -> LedgerHead:
    return db.session.scalars(select(LedgerHead).execution_options(populate_existing=True)).one()


def _shown(act: Act, uid: str) -> Statement:
    content = {**act.statement, "subject": {"user": act.subject_id}}
    if act.answers:
        content |= {"entry": act.answers.seq, "hash": act.answers.hash}
    return chain.draft(act.kind, school=uid, content=content, values=act.values)


def _received(act: Act) -> dict[str, Any]:
    stamp = act.at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    received = {"signer": dict(act.signer), "auth": {"method": "session"}, "signed_at": stamp}
    return received | ({"outcome": dict(act.outcome)} if act.outcome else {})
