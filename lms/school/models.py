from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import db


class School(db.Model):
    """The one school of this installation; `uid` names it in the ledger for ever."""

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    legal_name: Mapped[str]
    zone: Mapped[str] = mapped_column(default="America/Los_Angeles")
    address: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    serial_prefix: Mapped[str]
    approval: Mapped[str] = mapped_column(default="none")  # rules.Approval
    approval_reference: Mapped[str] = mapped_column(default="")
    approval_sentence: Mapped[str] = mapped_column(default="")
    demo: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class Policy(db.Model):
    """A dated rule of the school with its source; the newest one in effect counts. Append-only."""

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    value: Mapped[Any] = mapped_column(JSON)
    effective_from: Mapped[date]
    source: Mapped[str]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]


class Statement(db.Model):
    """A dated text that people sign or that documents print. Append-only."""

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)  # does-not-license, honour, training-partner
    text_en: Mapped[str]
    text_es: Mapped[str]
    short_en: Mapped[str] = mapped_column(default="")  # for the foot of documents
    short_es: Mapped[str] = mapped_column(default="")
    effective_from: Mapped[date]
    source: Mapped[str]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]

    def get(self, language: str) -> str:
        return self.text_es if language == "es" else self.text_en

    def short(self, language: str) -> str:
        return self.short_es if language == "es" else self.short_en


class Signatory(db.Model):
    """Who stands on certificates: name, title, credential."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    title_en: Mapped[str]
    title_es: Mapped[str]
    credential: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))


db.frozen(Policy)
db.frozen(Statement)
