"""What an admin does with accounts: find, edit, change the role, switch off and on, end sessions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from lms import audit
from lms import pdf_names as names
from lms.access import Role
from lms.accounts import login, tokens
from lms.accounts.models import User
from lms.accounts.rules import normal_login, search_key
from lms.accounts.service import flush_unique, refuse_taken, rename, visible_to
from lms.db import db
from lms.errors import Conflict, RuleBroken
from lms.i18n import LANGUAGES, _
from lms.school.models import School

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
    """Raises Conflict when somebody saved since `version`, RuleBroken when the e-mail or login name is taken."""
    with db.write():
        user = db.locked(User, user_id)
        if user.version != version:
            raise Conflict(as_text(user), user.version)
        name, address, chosen = names.tidy(legal_name), normal_login(email) or None, normal_login(login_name) or None
        if address is None and chosen is None:
            raise RuleBroken(_("Give an email address or a login name: without one nobody can sign in."))
        refuse_taken(email=address, login_name=chosen, but=user.id)
        if address != user.email:
            tokens.void_all(user.id)
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
        _hold_admins()
        user = db.locked(User, user_id)
        if user.role is role:
            return
        _refuse_self(user, by)
        _keep_an_admin(user)
        audit.record("role_changed", by=by, subject=("person", user.id), old=user.role, new=role)
        user.role = role
        user.version += 1
        login.end_all(user.id)


def switch(user_id: int, *, active: bool, by: int) -> None:
    """Switch an account off (sessions and links end) or on again."""
    with db.write():
        _hold_admins()
        user = db.locked(User, user_id)
        if user.active is active:
            return
        _refuse_self(user, by)
        if not active:
            _keep_an_admin(user)
            login.end_all(user.id)
            tokens.void_all(user.id)
        user.active = active
        user.version += 1
        audit.record("enabled" if active else "disabled", by=by, subject=("person", user.id))


def end_sessions(user_id: int, *, by: int) -> None:
    with db.write():
        user = db.locked(User, user_id)
        login.end_all(user.id)
        audit.record("sessions_ended", by=by, subject=("person", user.id))


def note_view(user_id: int, *, by: int) -> None:
    """Who looked at whose record is on record itself."""
    if user_id != by:
        audit.record("person_viewed", by=by, subject=("person", user_id))


def _refuse_self(user: User, by: int) -> None:
    if user.id == by:
        raise RuleBroken(_("You cannot do this to your own account. Ask another admin."))


def _hold_admins() -> None:
    """Two admins who take each other's account at the same moment go one after the other, so that one stays.

    The school's one row is the lock: several rows, taken by several people, could wait for each other in a ring.
    """
    db.session.execute(select(School.id).with_for_update())


def _keep_an_admin(user: User) -> None:
    if user.role is not Role.ADMIN:
        return
    others = (
        select(func.count()).select_from(User).where(User.role == Role.ADMIN, User.active.is_(True), User.id != user.id)
    )
    if not db.session.scalars(others).one():
        raise RuleBroken(_("This is the school's only admin. Make another one first."))
