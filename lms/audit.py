"""Append-only: who did what to which, when and from where. Never a password, token, answer or other secret."""

from datetime import datetime
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from lms import clock
from lms.db import db


class AuditEvent(db.Model):
    """One line of the audit log; frozen from the moment it is written."""

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    subject_kind: Mapped[str | None]
    subject_id: Mapped[str | None]
    address: Mapped[str | None]
    request_id: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (Index("ix_audit_event_subject", "subject_kind", "subject_id"),)


db.frozen(AuditEvent)


def record(
    action: str,
    *,
    by: int | None,
    subject: tuple[str, object] | None = None,
    **detail: str | int | bool | None,
) -> None:
    """Note an event inside the surrounding write; opens its own where there is none."""
    with db.write(business=False):
        db.session.add(
            AuditEvent(
                at=clock.now(),
                action=action,
                actor_id=by,
                subject_kind=subject[0] if subject else None,
                subject_id=str(subject[1]) if subject else None,
                address=request.remote_addr if has_request_context() else None,
                request_id=g.get("request_id") if has_request_context() else None,
                detail={k: v for k, v in detail.items() if v is not None},
            )
        )
