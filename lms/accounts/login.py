"""The signed-in person, the server-side session behind the cookie, and the decorator that every view wears."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, cast
from urllib.parse import urlsplit

import flask_login
from flask import Flask, Response, current_app, g, has_request_context, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import contains_eager

from lms import audit, clock
from lms.access import STAFF, Permission, Role, allows
from lms.accounts.models import User, UserSession
from lms.db import db
from lms.errors import NotAllowed, NotFound
from lms.school import service as school

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=12)
STUDENT_LONGEST = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)
CONFIRMED_FOR = timedelta(minutes=10)
KEPT_AT_SIGN_IN = ("language", "reading")  # choices of this browser, no secrets
SECOND_FACTOR_SET_UP = frozenset({"accounts.second_factor", "accounts.confirm"})

log = logging.getLogger("lms.accounts")
current_user = cast(User, flask_login.current_user)
login_manager = LoginManager()
login_manager.session_protection = None  # type: ignore[assignment]  it trusts X-Forwarded-For and breaks phones that change network


class SignInFirst(Exception):
    """A form was sent after its session had ended; what was typed is kept while the person signs in."""


@dataclass(frozen=True)
class ThisSession:
    """The session of this request, as plain values that outlive every transaction."""

    id: int
    user_id: int
    seen_at: datetime
    confirmed_at: datetime | None


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def longest(role: Role) -> timedelta:
    return STAFF_LONGEST if role in STAFF else STUDENT_LONGEST


def alive(row: UserSession, user: User, now: datetime) -> bool:
    """Whether this browser is still signed in: not ended, not too old, and staff not idle for half an hour."""
    idle = user.role in STAFF and now - row.seen_at > STAFF_IDLE
    return user.active and row.revoked_at is None and now < row.expires_at and not idle


@login_manager.user_loader
def load_user(token: str) -> User | None:
    row = db.session.scalars(
        select(UserSession)
        .join(UserSession.user)
        .options(contains_eager(UserSession.user))
        .where(UserSession.id_hash == token_hash(token))
    ).one_or_none()
    if row is None:
        return None
    if not alive(row, row.user, clock.now()):
        g.user_session = None
        g.ended_user_id = row.user_id
        return None
    g.user_session = ThisSession(row.id, row.user_id, row.seen_at, row.reauth_at)
    return row.user


def this_session() -> ThisSession | None:
    """The session of this request, looked up where nothing asked for the person yet."""
    return g.get("user_session") if has_request_context() and current_user.is_authenticated else None


def begin(user: User) -> None:
    """Sign this browser in, inside the surrounding write: a new session under a new id; its former one ends."""
    now, token, former = clock.now(), secrets.token_urlsafe(32), this_session()
    if former is not None:
        db.session.execute(update(UserSession).where(UserSession.id == former.id).values(revoked_at=now))
    row = UserSession(
        id_hash=token_hash(token),
        user_id=user.id,
        created_at=now,
        seen_at=now,
        reauth_at=now,
        expires_at=now + longest(user.role),
        user_agent=(request.user_agent.string or "")[:300],
        address=request.remote_addr or "",
    )
    db.session.add(row)
    db.session.flush()
    begun, permanent = ThisSession(row.id, user.id, now, now), user.role not in STAFF
    db.after_commit(lambda: _carry(user, token, begun, permanent=permanent))


def _carry(user: User, token: str, begun: ThisSession, *, permanent: bool) -> None:
    _forget()
    session["_user_id"], session["_fresh"], session.permanent = token, True, permanent
    g.user_session, g._login_user = begun, user


def _forget() -> None:
    """Empty the cookie but for this browser's choices; the next form gets a new token against forgery."""
    kept = {name: session[name] for name in KEPT_AT_SIGN_IN if name in session}
    session.clear()
    session.update(kept)
    for cached in ("csrf_token", "user_session", "_login_user"):
        g.pop(cached, None)


def new_id(session_id: int) -> str:
    """A new id for the session of someone who proved again who they are; the old one stops working."""
    token = secrets.token_urlsafe(32)
    with db.write(business=False):
        values = {"id_hash": token_hash(token), "reauth_at": clock.now()}
        db.session.execute(update(UserSession).where(UserSession.id == session_id).values(values))
    return token


def take_new_id(token: str) -> None:
    """Put the new id into this browser's cookie."""
    session["_user_id"] = token
    if (now := this_session()) is not None:
        g.user_session = replace(now, confirmed_at=clock.now())


def end(session_id: int) -> None:
    """End one session, inside the surrounding write."""
    open_one = (UserSession.id == session_id) & UserSession.revoked_at.is_(None)
    db.session.execute(update(UserSession).where(open_one).values(revoked_at=clock.now()))


def end_all(user_id: int, *, but: int | None = None) -> None:
    """End every session of a person, or all `but` one, inside the surrounding write."""
    which = [UserSession.user_id == user_id, UserSession.revoked_at.is_(None)]
    if but is not None:
        which.append(UserSession.id != but)
    db.session.execute(update(UserSession).where(*which).values(revoked_at=clock.now()))


def open_sessions(user: User) -> list[UserSession]:
    """The browsers in which a person is signed in, the one seen last first."""
    rows = db.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    )
    return [row for row in rows if alive(row, user, clock.now())]


def leave() -> None:
    """This browser forgets the person; the session itself was ended by `end`."""
    _forget()
    session.permanent = False


def recently_confirmed() -> bool:
    """Whether the person proved in the last minutes who they are."""
    now = this_session()
    return now is not None and now.confirmed_at is not None and clock.now() - now.confirmed_at <= CONFIRMED_FOR


def second_factor_due(user: User) -> bool:
    """Whether this staff member must set up a second factor before anything else."""
    if user.role not in STAFF or user.has_second_factor or not current_app.config["SETTINGS"].production:
        return False
    try:
        return not school.current().demo and bool(school.policy("staff_second_factor"))
    except NotFound:
        return True  # no school yet, so no rule that lifts it


def touch(response: Response) -> Response:
    """Note that the person was seen, at most once a minute, in a short write of its own."""
    now: ThisSession | None = g.get("user_session")  # set where a page asked who it is
    if now is None or response.status_code >= 500 or clock.now() - now.seen_at <= SEEN_EVERY:
        return response
    try:
        with db.write(business=False):
            db.session.execute(update(UserSession).where(UserSession.id == now.id).values(seen_at=clock.now()))
    except DBAPIError:
        log.warning("last seen was not noted", exc_info=True)
    return response


def sign_in_first() -> ResponseReturnValue:
    """Ask to sign in and come back; a form that was sent is kept (see views/sign_in.py)."""
    if request.method == "POST":
        raise SignInFirst
    return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")), 303)


def _refused(permission: Permission) -> ResponseReturnValue | None:
    """The answer to someone who may not open this page now."""
    if not current_user.is_authenticated:
        return sign_in_first()
    if not allows(current_user.role, permission):
        audit.record("denied", by=current_user.id, subject=("route", request.endpoint or "-"))
        raise NotAllowed
    if second_factor_due(current_user) and request.endpoint not in SECOND_FACTOR_SET_UP:
        return redirect(url_for("accounts.second_factor"), 303)
    return None


def acting(user_id: int, permission: Permission) -> User:
    """Whoever acts, as they are now and until the write ends. Raises NotAllowed for who may no more."""
    user = db.locked(User, user_id)
    if not user.active or not allows(user.role, permission):
        raise NotAllowed
    return user


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Who people are, for pages that know only their ids."""
    wanted = {one for one in user_ids if one is not None}
    rows = db.session.execute(select(User.id, User.legal_name).where(User.id.in_(wanted))) if wanted else ()
    return {row[0]: row[1] for row in rows}


def requires(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Deny by default: a view without this decorator fails the build, one with it names its permission."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if permission is not Permission.PUBLIC and (answer := _refused(permission)) is not None:
                return answer
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _page_before() -> str:
    """The page that held the button: a button's own address shows nothing."""
    before = urlsplit(request.referrer or "")
    return before.path if before.netloc == request.host else url_for("accounts.account")


def confirmed(view: View[P]) -> View[P]:
    """For what a passer-by at an open screen may not do: the person proves first who they are."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not recently_confirmed():
            back = request.full_path.rstrip("?") if request.method == "GET" else _page_before()
            return redirect(url_for("accounts.confirm", next=back), 303)
        return view(*args, **kwargs)

    return guarded


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    # a slow answer must not put back the cookie of before a sign-out or a new id
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.after_request(touch)
