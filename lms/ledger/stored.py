"""The chain as the database holds it, read in pages and checked row by row."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from lms.db import db
from lms.ledger import models
from lms.ledger.record import value_holds
from lms.ledger.types import Break, ChainReport, Fault, Json, SealedEntry, SignedCheckpoint
from lms.ledger.verify import Keys, Progress, verify_chain

AT_ONCE = 500


def verify(
    school: str, keys: Keys, outside: Iterable[SignedCheckpoint] = (), progress: Progress | None = None
) -> ChainReport:
    """What is appended meanwhile is left for the next time."""
    last = db.session.scalar(select(func.max(models.LedgerEntry.seq))) or 0
    head = db.session.execute(select(models.LedgerHead.size, models.LedgerHead.head)).one_or_none()
    size = head.size if head else 0
    rows = _Rows(size)
    report = verify_chain(
        rows,
        school=school,
        keys=keys,
        checkpoints=[*outside, *_own(school, size)],
        progress=progress,
        also=rows.trouble,
    )
    if report.holds and (last > size or (head and report.head != head.head)):
        found = Break(report.size + 1, Fault.TRUNCATED, f"The record has {last} entries, but its head counts {size}.")
        return ChainReport(report.size, report.head, found, report.checkpoints)
    if report.holds and (wrong := _wrong_value(size)):
        return ChainReport(report.size, report.head, wrong, report.checkpoints)
    return report


class _Rows:
    """The stream of entries, and a look at the row in hand beside what its text says."""

    def __init__(self, size: int) -> None:
        entry = models.LedgerEntry
        self.query = select(
            entry.seq,
            entry.kind,
            entry.hash,
            entry.prev,
            entry.text,
            entry.seal,
            entry.key_id,
            entry.at,
            entry.subject_user_id,
        )
        self.query = self.query.where(entry.seq <= size)

    def __iter__(self) -> Iterator[SealedEntry]:
        for row in _by_pages(self.query, models.LedgerEntry.seq):
            self.row: Row[Any] = row
            yield SealedEntry(row.seq, row.text, row.hash, row.seal, row.key_id)

    def trouble(self, content: Json) -> str | None:
        row, statement, received = self.row, content["body"]["statement"], content["body"]["received"]
        if row.kind != statement["type"] or row.prev != content["prev"]:
            return f"The row of entry {row.seq} does not say what its text says."
        if received.get("signed_at") is None or datetime.fromisoformat(received["signed_at"]) != row.at:
            return f"The row of entry {row.seq} gives another time than its text."
        subject = statement.get("subject")
        if row.subject_user_id != (subject.get("user") if isinstance(subject, dict) else None):
            return f"The row of entry {row.seq} names another person than its text."
        return None


def _by_pages(query: Select, *key: InstrumentedAttribute[int]) -> Iterator[Row[Any]]:
    """The rows in the order of their key, which stands first in them, some at a time."""
    page = query.order_by(*key).limit(AT_ONCE)
    rows = db.session.execute(page).all()
    while rows:
        yield from rows
        rows = db.session.execute(page.where(tuple_(*key) > tuple(rows[-1][: len(key)]))).all()


def _own(school: str, size: int) -> list[SignedCheckpoint]:
    """The stored checkpoints up to where this reading goes."""
    rows = db.session.scalars(
        select(models.Checkpoint).where(models.Checkpoint.size <= size).order_by(models.Checkpoint.id)
    )
    return [signed(row, school) for row in rows]


def _wrong_value(size: int) -> Break | None:
    entry, value = models.LedgerEntry, models.LedgerValue
    query = (
        select(value.seq, value.id, value.name, value.salt, value.value, entry.text)
        .join(entry, entry.seq == value.seq)
        .where(value.seq <= size)
    )
    for row in _by_pages(query, value.seq, value.id):
        committed = json.loads(row.text)["body"]["statement"]["commitments"].get(row.name)
        if not value_holds(row.value, row.salt, committed):
            return Break(
                row.seq,
                Fault.WRONG_VALUE,
                f"The value “{row.name}” of entry {row.seq} is not what was sealed.",
            )
    return None


def sealed(row: models.LedgerEntry) -> SealedEntry:
    return SealedEntry(row.seq, row.text, row.hash, row.seal, row.key_id)


def signed(row: models.Checkpoint, school: str) -> SignedCheckpoint:
    return SignedCheckpoint(school, row.size, row.head, row.key_id, row.signature)
