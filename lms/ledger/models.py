"""The chain's tables. What was sealed never changes; the values behind commitments may be erased."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import db


class LedgerHead(db.Model):
    """The one row that every append locks: how long the chain is, where it ends, and whose key seals."""

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(default=0)
    head: Mapped[str]
    key_id: Mapped[str] = mapped_column(ForeignKey("ledger_key.id"))


class LedgerKey(db.Model):
    """The public half of a key that sealed or seals; kept for ever."""

    id: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[str]
    created_at: Mapped[datetime]


class LedgerEntry(db.Model):
    """One link. `text` is exactly what was hashed; the other columns only help to find it."""

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    prev: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str] = mapped_column(Text)
    seal: Mapped[str]
    key_id: Mapped[str] = mapped_column(ForeignKey("ledger_key.id"))
    at: Mapped[datetime]
    subject_user_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class LedgerValue(db.Model):
    """A personal value behind a commitment. Deleting the row erases it, and the chain still holds."""

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(ForeignKey("ledger_entry.seq"))
    name: Mapped[str]
    salt: Mapped[str]
    value: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("seq", "name"),)


class Checkpoint(db.Model):
    """A signed (size, head), of which copies are kept outside the server."""

    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(index=True)
    head: Mapped[str]
    key_id: Mapped[str] = mapped_column(ForeignKey("ledger_key.id"))
    signature: Mapped[str]
    made_at: Mapped[datetime]
    reason: Mapped[str]


db.frozen(LedgerKey)
db.frozen(LedgerEntry)
db.frozen(Checkpoint)
