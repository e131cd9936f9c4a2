"""One act has one effect: a key on every write form, stored with the act in the same transaction.

The key of an act on a thing is an HMAC of person, act, id and version, so it is equal in every tab; the key of a
creating form is random. Same key and body: the same answer again. Other body: a page says so.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

from flask import current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms import clock
from lms.db import db
from lms.errors import OtherBody

P = ParamSpec("P")
FIELD = "act_key"
KEPT = timedelta(hours=48)
NOT_BODY = {"csrf_token", FIELD}
SECRET = re.compile(r"password|^code$")


class ActKey(db.Model):
    """An act that was done: which body did it, and where its answer led."""

    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int]
    location: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


class _AlreadyDone(Exception):
    """Somebody else's identical request was faster."""


class Act:
    """The act that this request carries out; lms/db.py calls `claim` first and `store` last inside the write."""

    def __init__(self, key: str, request_hash: str, location: str) -> None:
        self.key, self.request_hash, self.location, self.status = key, request_hash, location, 303
        self.claimed = False

    def claim(self, session: Session) -> None:
        if self.claimed:
            return  # one request may write more than once: the key belongs to the first
        try:
            session.execute(
                insert(ActKey).values(
                    key=self.key,
                    request_hash=self.request_hash,
                    status=self.status,
                    location=self.location,
                    created_at=clock.now(),
                )
            )
        except IntegrityError as taken:
            raise _AlreadyDone from taken

    def store(self, session: Session) -> None:
        self.claimed = True
        session.execute(update(ActKey).where(ActKey.key == self.key).values(location=self.location))


def key_for(person_id: int, act: str, *thing: object) -> str:
    """The key of `act` by a person on a thing (its id and version)."""
    message = "\x1f".join(map(str, (person_id, act, *thing))).encode()
    return hmac.new(str(current_app.secret_key).encode(), b"act\0" + message, hashlib.sha256).hexdigest()


def new_key() -> str:
    return secrets.token_hex(32)


def request_hash(path: str, form: Any) -> str:
    """Names the address and everything typed, in a fixed order.

    Keyed, so that the stored hash helps nobody to guess what was typed; passwords and codes are left out.
    """
    pairs = sorted((k, v) for k in form for v in form.getlist(k) if k not in NOT_BODY and not SECRET.search(k))
    return hmac.new(str(current_app.secret_key).encode(), repr((path, pairs)).encode(), hashlib.sha256).hexdigest()


def once(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Decorate a view that acts on POST. `done(location)` inside it gives the answer that is kept."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        key = request.form.get(FIELD, "") if request.method == "POST" else ""
        if not key or len(key) > 64:
            return view(*args, **kwargs)
        body = request_hash(request.path, request.form)
        if (answer := _earlier(key, body)) is not None:
            return answer
        session = db.session()
        session.info["act"] = Act(key, body, request.full_path.rstrip("?"))
        try:
            return view(*args, **kwargs)
        except _AlreadyDone:
            session.rollback()
            return _earlier(key, body) or redirect(request.path, 303)
        finally:
            session.info.pop("act", None)

    return guarded


def done(location: str, message: str | None = None) -> ResponseReturnValue:
    """The answer of an act. Call it inside the write so that the location is stored with the act."""
    act = db.session().info.get("act")
    if act:
        act.location = location
    if message and db.session().info.get("writing"):
        db.after_commit(lambda: flash(message))  # what is not stored is not said to be
    elif message:
        flash(message)
    return redirect(location, 303)


def _earlier(key: str, body: str) -> ResponseReturnValue | None:
    row = db.session.execute(
        select(ActKey.request_hash, ActKey.status, ActKey.location).filter_by(key=key)
    ).one_or_none()
    if row is None:
        return None
    if not hmac.compare_digest(row.request_hash, body):
        raise OtherBody(row.location)
    return redirect(row.location, row.status)


def forget_old() -> int:
    """Drop keys older than 48 hours; the worker calls this."""
    with db.write(business=False):
        return db.session.execute(delete(ActKey).where(ActKey.created_at < clock.now() - KEPT)).rowcount  # type: ignore[attr-defined]
