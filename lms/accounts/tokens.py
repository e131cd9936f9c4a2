"""Links that let a person in once. Only a hash is stored; the link is derived again, by HMAC, to mail or print it."""

import base64
import hashlib
import hmac
import secrets

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts.models import AccessToken
from lms.accounts.rules import TOKEN_LIFETIME, TokenKind, TokenState, token_state
from lms.db import db
from lms.errors import RuleBroken
from lms.i18n import _

ENDPOINTS = {
    TokenKind.RESET: "accounts.new_password",
    TokenKind.SLIP: "accounts.new_password",
    TokenKind.INVITATION: "accounts.invitation",
}


def keyed(purpose: str, *parts: object) -> bytes:
    """256 bits that only this school's secret key gives for these parts."""
    message = "\x1f".join(map(str, (purpose, *parts))).encode()
    return hmac.new(str(current_app.secret_key).encode(), b"accounts\0" + message, hashlib.sha256).digest()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def text_of(token: AccessToken) -> str:
    """The secret part of the link."""
    secret = keyed("token", token.kind, token.id, token.nonce)
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def link(token: AccessToken) -> str:
    """The whole address, beginning with the configured one, never with what a request calls the host."""
    path = current_app.url_map.bind("").build(ENDPOINTS[TokenKind(token.kind)], {"token": text_of(token)})
    return f"{current_app.config['BASE_URL']}{path}"


def issue(kind: TokenKind, user_id: int, by: int | None) -> AccessToken:
    """A new link inside the surrounding write; earlier ones of its kind stop working."""
    now = clock.now()
    _void(user_id, kind)
    nonce = secrets.token_hex(16)
    token = AccessToken(
        kind=kind,
        hash=nonce,  # until the row has the id that the secret is derived from
        nonce=nonce,
        user_id=user_id,
        created_at=now,
        expires_at=now + TOKEN_LIFETIME[kind],
        created_by_id=by,
    )
    db.session.add(token)
    db.session.flush()
    token.hash = _hash(text_of(token))
    db.session.flush()
    return token


def void_all(user_id: int) -> None:
    """Every open link of a person stops working: their password or e-mail changed, or they may not come in."""
    _void(user_id)


def _void(user_id: int, kind: TokenKind | None = None) -> None:
    which = [AccessToken.user_id == user_id, AccessToken.used_at.is_(None)]
    if kind:
        which.append(AccessToken.kind == kind)
    db.session.execute(update(AccessToken).where(*which).values(used_at=clock.now()))


def find(text: str, *kinds: TokenKind) -> AccessToken | None:
    """The link with its person, in whatever state; None for one that never was."""
    return db.session.scalars(
        select(AccessToken)
        .options(joinedload(AccessToken.user))
        .where(AccessToken.kind.in_(kinds), AccessToken.hash == _hash(text))
    ).one_or_none()


def open_one(kind: TokenKind, user_id: int) -> AccessToken | None:
    """The person's link that works now, if there is one."""
    return db.session.scalars(
        select(AccessToken)
        .filter_by(kind=kind, user_id=user_id, used_at=None)
        .where(AccessToken.expires_at > clock.now())
        .order_by(AccessToken.id.desc())
        .limit(1)
    ).first()


def state_of(token: AccessToken | None) -> TokenState | None:
    if token is None:
        return None
    chosen = token.kind == TokenKind.INVITATION and token.user.password_hash is not None
    if not token.user.active or chosen:
        return TokenState.USED
    return token_state(used=token.used_at is not None, expires_at=token.expires_at, now=clock.now())


def use(token_id: int) -> AccessToken:
    """Use the link up inside the surrounding write. Raises RuleBroken when another request was faster."""
    token = db.locked(AccessToken, token_id)
    if token_state(used=token.used_at is not None, expires_at=token.expires_at, now=clock.now()) is not TokenState.OPEN:
        raise RuleBroken(_("This link was used or is too old. Ask for a new one."))
    token.used_at = clock.now()
    return token
