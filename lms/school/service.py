"""What the school is and which of its dated rules and statements are in force."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from flask import g
from sqlalchemy import bindparam, select

from lms import audit, clock
from lms import pdf_names as names
from lms.db import db
from lms.errors import Conflict, NotFound, RuleBroken
from lms.i18n import _
from lms.school.models import Policy, School, Signatory, Statement
from lms.school.rules import DEFAULTS, SETTABLE, fits, may_begin
from lms.school.types import SchoolHead

R = TypeVar("R", Policy, Statement)
SCHOOL = select(School)
POLICIES = (
    select(Policy.key, Policy.value)
    .where(Policy.effective_from <= bindparam("today"))
    .order_by(Policy.effective_from, Policy.id)
)


def current() -> School:
    """The school of this installation, read once a request. Raises NotFound before `lms demo` or `lms school new`."""
    school = g.get("school")
    if school is None or school not in db.session:
        school = db.session.scalars(SCHOOL).one_or_none()
        if school is None:
            raise NotFound("the school is not set up yet")
        g.school, g.zone = school, school.zone
    return school


def head() -> SchoolHead:
    """What stands at the head of every paper."""
    here = current()
    return SchoolHead(here.name, here.address, here.phone, here.website)


def today() -> date:
    return clock.today(current().zone)


def policy(key: str) -> Any:
    """The rule in force today: the school's newest, else the default. Raises KeyError for a name that is no policy."""
    default = DEFAULTS[key]
    rules = g.get("policies")
    if rules is None:
        rows = db.session.execute(POLICIES, {"today": today()})
        rules = g.policies = {row.key: row.value for row in rows}
    return rules.get(key, default.value)


def statement(key: str) -> Statement:
    """The newest text of a statement in force today. Raises NotFound."""
    return statements_in_force([key])[0]


def statements_in_force(keys: list[str]) -> list[Statement]:
    rows = db.session.scalars(
        select(Statement)
        .where(Statement.key.in_(keys), Statement.effective_from <= today())
        .order_by(Statement.effective_from, Statement.id)
    )
    newest = {row.key: row for row in rows}
    if missing := [key for key in keys if key not in newest]:
        raise NotFound(f"no statement {missing[0]} is in force")
    return [newest[key] for key in keys]


def signatories() -> list[Signatory]:
    return list(db.session.scalars(select(Signatory).filter_by(active=True).order_by(Signatory.position, Signatory.id)))


def found(*, name: str, legal_name: str, serial_prefix: str, zone: str, demo: bool = False, **details: str) -> School:
    """Set the school up, once. Raises RuleBroken when there is one already."""
    with db.write():
        if db.session.scalars(select(School.id)).first() is not None:
            raise RuleBroken(_("The school is set up already."))
        school = School(
            uid=uuid.uuid4().hex,
            name=name,
            legal_name=legal_name,
            serial_prefix=serial_prefix,
            zone=zone,
            demo=demo,
            **details,
        )
        db.session.add(school)
    g.pop("school", None)
    return school


def update_school(changes: Mapping[str, str], *, version: int, by: int) -> None:
    """Save the settings. Raises Conflict when somebody saved since `version`."""
    with db.write():
        school = db.locked(School, current().id)
        if school.version != version:
            raise Conflict({name: getattr(school, name) for name in changes}, school.version)
        for name, value in changes.items():
            setattr(school, name, value)
        school.version += 1
        audit.record("school.changed", by=by, subject=("school", school.id), fields=",".join(sorted(changes)))
    g.pop("school", None)


def hold() -> None:
    """Acts on the school go one after the other: its one row is the lock, taken before any other."""
    db.session.execute(select(School.id).with_for_update())


def _refuse_past(day: date, *, first: bool) -> None:
    if not may_begin(day, today=today(), first=first):
        raise RuleBroken(_("Choose today or a later day. What was in force until now stays as it was."))


def set_policy(key: str, value: Any, *, effective_from: date, source: str, by: int | None) -> Policy:
    """A new dated rule beside the old ones.

    Raises RuleBroken for a name or value that is no policy's, and for a past day once the school has any rule.
    """
    if key not in DEFAULTS or not fits(key, value):
        raise RuleBroken(_("This rule cannot have that value."))
    with db.write():
        hold()
        _refuse_past(effective_from, first=db.session.scalars(select(Policy.id).limit(1)).first() is None)
        row = Policy(
            key=key,
            value=value,
            effective_from=effective_from,
            source=source,
            created_at=clock.now(),
            created_by_id=by,
        )
        db.session.add(row)
        audit.record("policy.set", by=by, subject=("policy", key), value=str(value))
    g.pop("policies", None)
    return row


def add_statement(
    key: str,
    *,
    text_en: str,
    text_es: str,
    effective_from: date,
    source: str,
    by: int | None,
    short_en: str = "",
    short_es: str = "",
) -> Statement:
    """A new dated text; who signed an older one has signed that one.

    Raises RuleBroken for a past day, unless it is the first text of its key.
    """
    with db.write():
        hold()
        earlier = db.session.scalars(select(Statement.id).filter_by(key=key).limit(1)).first()
        _refuse_past(effective_from, first=earlier is None)
        row = Statement(
            key=key,
            text_en=text_en,
            text_es=text_es,
            short_en=short_en,
            short_es=short_es,
            effective_from=effective_from,
            source=source,
            created_at=clock.now(),
            created_by_id=by,
        )
        db.session.add(row)
        audit.record("statement.added", by=by, subject=("statement", key))
    return row


def add_signatory(*, name: str, title_en: str, title_es: str, credential: str, by: int | None) -> Signatory:
    """Raises UnprintableName where no bundled font can print the name."""
    names.printable(name)
    with db.write():
        position = len(signatories()) + 1
        row = Signatory(
            name=name,
            title_en=title_en,
            title_es=title_es,
            credential=credential,
            position=position,
            school_id=current().id,
        )
        db.session.add(row)
        audit.record("signatory.added", by=by, subject=("school", current().id))
    return row


def retire_signatory(signatory_id: int, *, by: int) -> None:
    with db.write():
        row = db.locked(Signatory, signatory_id)
        row.active = False
        audit.record("signatory.retired", by=by, subject=("signatory", signatory_id))


@dataclass(frozen=True)
class Dated(Generic[R]):
    """What is in force of one key today, and what follows it."""

    key: str
    now: R | None  # None where a default holds, or nothing yet
    coming: list[R]


def dated_policies() -> list[Dated[Policy]]:
    """Every rule that the school can set, for its page."""
    rows = db.session.scalars(select(Policy).order_by(Policy.effective_from, Policy.id)).all()
    return [_dated(key, [row for row in rows if row.key == key]) for key in SETTABLE]


def dated_statements() -> list[Dated[Statement]]:
    rows = db.session.scalars(select(Statement).order_by(Statement.key, Statement.effective_from, Statement.id)).all()
    return [_dated(key, [row for row in rows if row.key == key]) for key in dict.fromkeys(row.key for row in rows)]


def _dated(key: str, rows: list[R]) -> Dated[R]:
    until = [row for row in rows if row.effective_from <= today()]
    return Dated(key, until[-1] if until else None, rows[len(until) :])


def newest_statement(key: str) -> Statement:
    """Raises NotFound for a key that no statement has."""
    newest = select(Statement).filter_by(key=key).order_by(Statement.effective_from.desc(), Statement.id.desc())
    row = db.session.scalars(newest.limit(1)).first()
    if row is None:
        raise NotFound(f"statement {key}")
    return row
