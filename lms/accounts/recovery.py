"""A way back in for who forgot a password, of which the office never learns more than it must.

Who never chose a password gets an invitation. Everybody else gets a reset, mailed to an address that is theirs: one
that stood there when they chose their password, or that they confirmed since, signed in and with their password. An
address that an admin changed is not theirs before that, however long it stands there.
A student without such an address gets a slip, which an admin prints: it ends their sessions, and they read who made it.
Who is or ever was staff gets none, and who ever got one never becomes staff: nobody signs records by a slip.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale
from sqlalchemy import Select, func, select

from lms import audit, throttle
from lms.access import STAFF
from lms.accounts import letters, login, rules, service, tokens
from lms.accounts.models import AccessToken, User, UserSession
from lms.accounts.rules import TokenKind, WayIn
from lms.audit import AuditEvent
from lms.db import db
from lms.errors import RuleBroken
from lms.i18n import LOCALES, _, language, long_datetime

RESETS = {"limit": 5, "seconds": 3600}  # to one person, whoever asks
PRINTED = {WayIn.INVITATION: TokenKind.INVITATION, WayIn.SLIP: TokenKind.SLIP}


@dataclass(frozen=True)
class Deed:
    """What the office did to an account: who and when."""

    who: str
    at: datetime


def way_in(user: User) -> WayIn:
    mailed = user.email is not None and changed_address(user) is None
    return rules.way_in(password=user.password_hash is not None, address=mailed, staff=was_staff(user))


def was_staff(user: User) -> bool:
    """Whether they are staff, or ever were: what they signed then stays theirs."""
    return user.is_staff or any(one.detail["old"] in STAFF for one in db.session.scalars(_about(user, "role_changed")))


def _about(user: User, *actions: str) -> Select[AuditEvent]:
    """The audit log is append-only: nobody takes back there what was done to an account."""
    return (
        select(AuditEvent)
        .filter_by(subject_kind="person", subject_id=str(user.id))
        .where(AuditEvent.action.in_(actions))
        .order_by(AuditEvent.id.desc())
    )


def _newest(user: User, *actions: str) -> AuditEvent | None:
    return db.session.scalars(_about(user, *actions).limit(1)).first()


def _deed(event: AuditEvent | None) -> Deed | None:
    if event is None:
        return None
    who = db.session.get(User, event.actor_id) if event.actor_id else None
    return Deed(who.legal_name if who else "", event.at)


def changed_address(user: User) -> Deed | None:
    """Who changed the e-mail address that the person has not confirmed yet."""
    newest = _newest(user, "email_changed", "email_confirmed")
    return _deed(newest) if newest and newest.action == "email_changed" and user.email else None


def slip_for(user: User) -> Deed | None:
    """Who last made a slip for this person's new password."""
    return _deed(_newest(user, "slip_made"))


def news(user: User) -> Iterator[str]:
    """What the person reads when they sign in; ask before the session begins."""
    slip, change = slip_for(user), changed_address(user)
    last = db.session.scalars(select(func.max(UserSession.created_at)).filter_by(user_id=user.id)).one()
    with force_locale(LOCALES[user.locale if user.locale in LOCALES else language()]):
        if slip and (last is None or slip.at >= last):
            yield slip_words(slip)
        if change:
            yield change_words(change)


def slip_words(slip: Deed) -> str:
    return _(
        "%(name)s made a slip for your new password on %(when)s. If you did not ask for it, tell the school.",
        name=slip.who,
        when=long_datetime(slip.at),
    )


def change_words(change: Deed) -> str:
    return _(
        "%(name)s changed your email on %(when)s. Confirm it on the page of your account.",
        name=change.who,
        when=long_datetime(change.at),
    )


def confirm_address(user_id: int, *, version: int) -> None:
    """The person says that the address is theirs. Raises RuleBroken where it was changed since they read it."""
    with db.write():
        user = db.locked(User, user_id)
        if user.version != version or user.email is None:
            raise RuleBroken(_("Your account was changed just now. Read the address again."))
        audit.record("email_confirmed", by=user.id, subject=("person", user.id))


def mail_reset(user_id: int, *, by: int) -> None:
    """An admin has a reset mailed to the person's own address; the link is in the letter alone."""
    with db.write():
        user = _held(user_id, WayIn.RESET, by)
        throttle.hit("reset-by-office", str(user.id), **RESETS)
        letters.post_link(tokens.issue(TokenKind.RESET, user.id, by))
        audit.record("reset_mailed", by=by, subject=("person", user.id))


def make_slip(user_id: int, *, by: int) -> AccessToken:
    """A link to print for a student whom no letter reaches. Their sessions end; earlier links stop working."""
    with db.write():
        user = _held(user_id, WayIn.SLIP, by)
        tokens.void_all(user.id)
        token = tokens.issue(TokenKind.SLIP, user.id, by)
        login.end_all(user.id)
        audit.record("slip_made", by=by, subject=("person", user.id))
    return token


def _held(user_id: int, wanted: WayIn, by: int) -> User:
    service.office(by)
    user = db.locked(User, user_id)
    service.refuse_off(user)
    if way_in(user) is not wanted:
        raise RuleBroken(_("This is not the way back in for this person. Look at their page again."))
    return user


def printable(user: User) -> AccessToken | None:
    """The link that may be printed for this person and works now."""
    kind = PRINTED.get(way_in(user))
    return tokens.open_one(kind, user.id) if kind else None
