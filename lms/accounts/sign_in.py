"""Signing in: who is it, tried how often, known to this browser, and waiting for the second step."""

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from lms import audit, clock, throttle
from lms.accounts import letters, login, passwords, recovery, second_factor, tokens
from lms.accounts.models import User
from lms.accounts.rules import TokenKind, WayIn, normal_login
from lms.db import db

BY_ACCOUNT = {"limit": 10, "seconds": 900}
BY_ADDRESS = {"limit": 100, "seconds": 900}  # a whole class may sit behind one address
RESETS_BY_ACCOUNT = {"limit": 5, "seconds": 3600}
RESETS_BY_ADDRESS = {"limit": 50, "seconds": 3600}
SECOND_STEP = timedelta(minutes=10)


def find(typed: str) -> User | None:
    """The person with this e-mail address or login name."""
    name = normal_login(typed)
    column = User.email if "@" in name else User.login_name
    return db.session.scalars(select(User).where(column == name)).one_or_none() if name else None


def _bucket(typed: str, known_browser: str | None) -> tuple[str, str]:
    """Whose tries are counted. A browser that signed in before has its own count, so nobody locks its owner out."""
    user = find(typed)
    if user is not None and (number := browser_number(user, known_browser)):
        return "sign-in-browser", number
    return "sign-in", normal_login(typed)


def check(typed: str, password: str, *, address: str, known_browser: str | None = None) -> User | None:
    """The person whose password this is, else None. Raises TooManyTries.

    Unknown, switched-off and not yet invited accounts take the same steps and the same time.
    """
    throttle.hit("sign-in-address", address, **BY_ADDRESS)
    throttle.hit(*_bucket(typed, known_browser), **BY_ACCOUNT)
    user = find(typed)
    usable = user is not None and user.active
    proved = passwords.matches(user.password_hash if user and usable else None, password)
    if user is None or not proved:
        audit.record("sign_in_refused", by=None, subject=("person", user.id) if user else None)
        return None
    if passwords.outdated(user.password_hash or ""):
        better = passwords.hashed(password)
        with db.write(business=False):
            db.locked(User, user.id).password_hash = better
    return user


def check_code(user: User, code: str) -> bool:
    """The second step. Raises TooManyTries."""
    throttle.hit("second-factor", str(user.id), **BY_ACCOUNT)
    if second_factor.accept(user.id, code):
        throttle.clear("second-factor", str(user.id))
        return True
    audit.record("sign_in_refused", by=None, subject=("person", user.id), step="code")
    return False


def begin(user: User, typed: str, known_browser: str | None = None) -> None:
    """Sign this browser in."""
    with db.write():
        login.begin(db.locked(User, user.id))
        audit.record("signed_in", by=user.id)
    throttle.clear(*_bucket(typed, known_browser))


def leave() -> None:
    """Sign this browser out: every copy of its cookie is dead at once."""
    here = login.this_session()
    if here is not None:
        with db.write():
            login.end(here.id)
            audit.record("signed_out", by=here.user_id)
    login.leave()


def ask_reset(typed: str, *, address: str) -> None:
    """Mail a link where there is an account with an address of its own; the same steps, and time, where not."""
    throttle.hit("reset-address", address, **RESETS_BY_ADDRESS)
    throttle.hit("reset", normal_login(typed), **RESETS_BY_ACCOUNT)
    user = find(typed)
    passwords.matches(None, "as long as a sign-in")
    with db.write():
        if user is not None and _may_be_mailed(db.locked(User, user.id)):
            letters.post_link(tokens.issue(TokenKind.RESET, user.id, None))
        audit.record("reset_asked", by=None, subject=("person", user.id) if user else None)


def _may_be_mailed(user: User) -> bool:
    """Held until the letter is asked for: an address that changes now ends the link."""
    return user.active and user.email is not None and recovery.way_in(user) in (WayIn.RESET, WayIn.INVITATION)


def _browsers() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known browser")


def browser_mark(user: User) -> str:
    """What a browser keeps once this person signed in with it."""
    return str(_browsers().dumps([user.id, secrets.token_hex(16)]))


def browser_number(user: User, mark: str | None) -> str | None:
    """The number of this browser if the person signed in with it before."""
    try:
        user_id, number = _browsers().loads(mark or "")
    except (BadSignature, ValueError, TypeError):
        return None
    return str(number) if user_id == user.id else None


def _waiting() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="second step")


def _password_mark(user: User) -> str:
    """Changes with the password, so that a waiting second step dies with it."""
    return tokens.keyed("password", user.id, user.password_hash).hex()[:32]


def wait_for_code(user: User, typed: str) -> str:
    """A note for the browser: this person's password was right; the code is still to come."""
    return str(
        _waiting().dumps(
            {"id": user.id, "mark": _password_mark(user), "typed": typed[:254], "at": clock.now().timestamp()}
        )
    )


def waiting(note: str | None) -> tuple[User, str] | None:
    """The person of that note and what they typed as a name, for ten minutes and while the password is the same."""
    try:
        said: Mapping[str, Any] = _waiting().loads(note or "")
    except BadSignature:
        return None
    if clock.now().timestamp() - said["at"] > SECOND_STEP.total_seconds():
        return None
    user = db.session.get(User, said["id"])
    if user is None or not user.active or not hmac.compare_digest(_password_mark(user), said["mark"]):
        return None
    return user, said["typed"]
