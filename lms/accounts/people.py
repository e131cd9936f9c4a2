"""What an admin does with accounts: find, edit, change the role, switch off and on, end sessions.

Each act asks inside its write whether its actor is still an admin.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_

from lms import audit
from lms import pdf_names as names
from lms.access import STAFF, Role
from lms.accounts import letters, login, recovery, second_factor, tokens
from lms.accounts.models import User
from lms.accounts.rules import normal_login, search_key
from lms.accounts.service import flush_unique, office, refuse_taken, rename, visible_to
from lms.db import db
from lms.errors import Conflict, RuleBroken
from lms.i18n import LANGUAGES, _

PAGE = 50


@dataclass(frozen=True)
class Filter:
    """What the address of the list says."""

    words: str = ""
    role: Role | None = None
    active: bool = True


@dataclass(frozen=True)
class Page:
    people: list[User]
    before: int | None  # the person before whom the page above ends
    after: int | None  # the person after whom the page below begins


def page(wanted: Filter, *, for_: User, after: int | None = None, before: int | None = None) -> Page:
    """Fifty people by name, after or before a given one."""
    key, backwards = tuple_(User.sort_key, User.id), before is not None
    query = _matching(wanted, for_)
    if (edge := before or after) is not None and (place := _place(edge)) is not None:
        query = query.where(key < place if backwards else key > place)
    order = (User.sort_key.desc(), User.id.desc()) if backwards else (User.sort_key, User.id)
    rows = list(db.session.scalars(query.order_by(*order).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    above, below = (more, True) if backwards else (after is not None, more)
    return Page(rows, rows[0].id if rows and above else None, rows[-1].id if rows and below else None)


def _matching(wanted: Filter, for_: User) -> Select[User]:
    query = visible_to(for_).where(User.active.is_(wanted.active))
    if wanted.role is not None:
        query = query.where(User.role == wanted.role)
    for word in search_key(wanted.words).split()[:8]:
        query = query.where(User.search_key.contains(word, autoescape=True))
    return query


def _place(user_id: int) -> ColumnElement[Any] | None:
    row = db.session.execute(select(User.sort_key, User.id).filter_by(id=user_id)).one_or_none()
    return None if row is None else tuple_(row.sort_key, row.id)


def edit(
    user_id: int,
    *,
    legal_name: str,
    email: str | None,
    login_name: str | None,
    locale: str | None,
    version: int,
    by: int,
) -> None:
    """Raises Conflict when somebody saved since `version`, RuleBroken when the e-mail or login name is taken.

    An address that somebody else changed does not count as the person's own before they confirm it (recovery.py), and
    the old one hears of the change.
    """
    with db.write():
        office(by)
        user = db.locked(User, user_id)
        if user.version != version:
            raise Conflict(as_text(user), user.version)
        name, address, chosen = names.tidy(legal_name), normal_login(email) or None, normal_login(login_name) or None
        if address is None and chosen is None:
            raise RuleBroken(_("Give an email address or a login name: without one nobody can sign in."))
        refuse_taken(email=address, login_name=chosen, but=user.id)
        if address != user.email:
            _note_address(user, by)
        if name != user.legal_name:
            user.legal_name_confirmed_at = None  # the person looks at it again before it is printed
        changed = [
            field
            for field, old, new in (
                ("legal_name", user.legal_name, name),
                ("email", user.email, address),
                ("login_name", user.login_name, chosen),
            )
            if old != new
        ]
        user.email, user.login_name = address, chosen
        rename(user, name)
        user.locale = locale if locale in LANGUAGES else None
        user.version += 1
        flush_unique()
        audit.record("person_changed", by=by, subject=("person", user.id), fields=",".join(changed))


def _note_address(user: User, by: int) -> None:
    tokens.void_all(user.id)
    if user.password_hash is None:
        return  # nobody has used the account: there is nothing to take
    if user.email:
        letters.post_email_changed(user.id, user.email)
    if user.id != by:
        audit.record("email_changed", by=by, subject=("person", user.id))


def as_text(user: User) -> dict[str, str]:
    """What the edit form holds, field by field."""
    return {
        "legal_name": user.legal_name,
        "email": user.email or "",
        "login_name": user.login_name or "",
        "locale": user.locale or "",
    }


def change_role(user_id: int, role: Role, *, by: int) -> None:
    """Every session of the person ends: the next page they open is one of the new role."""
    with db.write():
        office(by)
        user = db.locked(User, user_id)
        if user.role is role:
            return
        _refuse_self(user, by)
        if role in STAFF and recovery.slip_for(user):
            raise RuleBroken(_("The school made a slip for this account. Add a new account for their work."))
        audit.record("role_changed", by=by, subject=("person", user.id), old=user.role, new=role)
        user.role = role
        user.version += 1
        login.end_all(user.id)


def switch(user_id: int, *, active: bool, by: int) -> None:
    """Switch an account off (sessions and links end) or on again."""
    with db.write():
        office(by)
        user = db.locked(User, user_id)
        if user.active is active:
            return
        _refuse_self(user, by)
        if not active:
            login.end_all(user.id)
            tokens.void_all(user.id)
        user.active = active
        user.version += 1
        audit.record("enabled" if active else "disabled", by=by, subject=("person", user.id))


def lost_phone(user_id: int, *, by: int) -> None:
    """The person lost phone and recovery codes; the admin has seen who they are."""
    with db.write():
        office(by)
        second_factor.turn_off(user_id, by=by)
        end_sessions(user_id, by=by)


def end_sessions(user_id: int, *, by: int) -> None:
    with db.write():
        office(by)
        user = db.locked(User, user_id)
        login.end_all(user.id)
        audit.record("sessions_ended", by=by, subject=("person", user.id))


def note_view(user_id: int, *, by: int) -> None:
    """Who looked at whose record is on record itself."""
    if user_id != by:
        audit.record("person_viewed", by=by, subject=("person", user_id))


def _refuse_self(user: User, by: int) -> None:
    """Who acts is an admin, so one is always left."""
    if user.id == by:
        raise RuleBroken(_("You cannot do this to your own account. Ask another admin."))
