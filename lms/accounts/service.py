"""People: who they are, how they prove it, and what happens to their account."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import Select, false, select
from sqlalchemy.exc import IntegrityError, NoResultFound

from lms import audit, clock, throttle
from lms import pdf_names as names
from lms.access import Permission, Role, allows
from lms.accounts import letters, login, passwords, second_factor, tokens
from lms.accounts.models import AccessToken, StaffCredential, User
from lms.accounts.rules import (
    CREDENTIAL_KINDS,
    TokenKind,
    login_name,
    normal_login,
    search_key,
    sort_key,
)
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.i18n import LANGUAGES, _
from lms.school import service as school

acting = login.acting  # whoever acts, as they are now and until the write ends
PROVING = {"limit": 10, "seconds": 900}  # tries of one person to prove again who they are


def person(user_id: int) -> User:
    """Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(f"person {user_id}")
    return user


def visible_to(user: User) -> Select[User]:
    """Admins and auditors see everybody, others themselves; who sees whom in a cohort is the cohort's to say."""
    people = select(User)
    if allows(user.role, Permission.MANAGE_PEOPLE) or allows(user.role, Permission.SEE_AUDIT):
        return people
    return people.where(User.id == user.id) if user.is_authenticated else people.where(false())


def get(user_id: int, *, for_: User) -> User:
    """Raises NotFound, also for a person who is not theirs to see."""
    try:
        return db.session.scalars(visible_to(for_).where(User.id == user_id)).one()
    except NoResultFound:
        raise NotFound(f"person {user_id}") from None


def office(by: int) -> User:
    """The admin who acts on somebody's account, inside the write. Raises NotAllowed for who is no admin any more.

    They go one after the other, so that of two who take each other's account one stays; several rows, taken by several
    people, could wait for each other in a ring.
    """
    school.hold()
    return acting(by, Permission.MANAGE_PEOPLE)


def create(
    *,
    legal_name: str,
    role: Role,
    email: str | None = None,
    login_name: str | None = None,
    locale: str | None = None,
    demo: bool = False,
    by: int | None = None,
) -> User:
    """Add a person, who cannot sign in before an invitation. Raises RuleBroken where the e-mail or name is taken.

    `by` is None at the console alone.
    """
    with db.write():
        if by is not None:
            office(by)
        address, chosen = normal_login(email) or None, normal_login(login_name) or None
        if chosen is None and address is None:
            chosen = _free_login_name(legal_name)
        refuse_taken(email=address, login_name=chosen)
        user = User(
            email=address,
            login_name=chosen,
            role=Role(role),
            legal_name=names.tidy(legal_name),
            locale=locale if locale in LANGUAGES else None,
            demo=demo,
            created_at=clock.now(),
            sort_key=sort_key(legal_name),
            search_key=search_key(legal_name, address, chosen),
        )
        db.session.add(user)
        flush_unique()
        audit.record("person_added", by=by, subject=("person", user.id), role=user.role)
    return user


def _free_login_name(legal_name: str) -> str:
    base = login_name(legal_name)
    taken = set(db.session.scalars(select(User.login_name).where(User.login_name.startswith(base, autoescape=True))))
    numbered = (f"{base}{n}" for n in range(2, len(taken) + 3))
    return base if base not in taken else next(name for name in numbered if name not in taken)


def refuse_taken(*, email: str | None, login_name: str | None, but: int | None = None) -> None:
    """Raises RuleBroken when another person has this e-mail address or login name."""
    for column, value, words in (
        (User.email, email, _("This email address is in use.")),
        (User.login_name, login_name, _("Somebody has this login name already.")),
    ):
        if value and db.session.scalars(select(User.id).where(column == value, User.id != (but or 0))).first():
            raise RuleBroken(words)


def flush_unique() -> None:
    """Send the changes of an account to the database. Raises RuleBroken when another request took the name first."""
    try:
        db.session.flush()
    except IntegrityError as taken:
        raise RuleBroken(_("Somebody has this email address or login name already.")) from taken


def invite(user_id: int, by: int | None) -> AccessToken:
    """A new invitation for seven days, mailed where the person has e-mail; `tokens.link` gives its address.

    Only for who never chose a password: whoever holds the link chooses one. `by` is None at the console and where the
    person asks for it themselves.
    """
    with db.write():
        if by is not None:
            office(by)
        user = db.locked(User, user_id)
        refuse_off(user)
        if user.password_hash is not None:
            raise RuleBroken(_("This person chose a password already. Help them with a reset instead."))
        token = tokens.issue(TokenKind.INVITATION, user.id, by)
        if user.email:
            letters.post_link(token)
        audit.record("invitation_made", by=by, subject=("person", user.id), mailed=bool(user.email))
    return token


def refuse_off(user: User) -> None:
    if not user.active:
        raise RuleBroken(_("This account is switched off. Switch it on first."))


def set_password(user_id: int, hash: str, *, by: int | None = None) -> None:
    """Store the hash of a new password: every session and every open link of the person ends."""
    with db.write():
        user = db.locked(User, user_id)
        user.password_hash = hash
        tokens.void_all(user.id)
        login.end_all(user.id)
        audit.record("password_changed", by=by or user.id, subject=("person", user.id))


def verify_password(user: User, password: str) -> bool:
    """Outside writes: hashing takes its time."""
    return passwords.matches(user.password_hash, password)


def prove_password(user: User, password: str) -> bool:
    """`verify_password`, with a limit on tries. Raises TooManyTries."""
    user_id, password_hash = user.id, user.password_hash
    throttle.hit("reauthentication", str(user_id), **PROVING)
    proved = passwords.matches(password_hash, password)
    if not proved:
        audit.record("reauthentication_refused", by=user_id)
    return proved


def reauthenticate(user: User, password: str, code: str | None = None) -> bool:
    """Whether the person proves again who they are: password, and second factor if they have one.

    Throttled; on success this browser's session gets a new id. Works in a database session of its own, so that what
    the caller loaded stays loaded. Never inside a write. Raises TooManyTries.
    """
    if db.session().info.get("writing"):
        raise RuntimeError("prove who it is before the write")
    user_id, password_hash, secret, here = user.id, user.password_hash, user.totp_secret, login.this_session()
    token = None
    db.session.commit()  # keeps what was loaded and gives the connection back: nobody waits for a second one
    with _aside():
        throttle.hit("reauthentication", str(user_id), **PROVING)
        proved = passwords.matches(password_hash, password)
        if secret is not None:
            proved = proved and second_factor.accept(user_id, code or "")
        audit.record("reauthenticated" if proved else "reauthentication_refused", by=user_id)
        if proved:
            throttle.clear("reauthentication", str(user_id))
            token = login.new_id(here.id) if here else None
    if token:
        login.take_new_id(token)
    return proved


@contextmanager
def _aside() -> Iterator[None]:
    with current_app.app_context():
        yield


def confirm_legal_name(user_id: int, name: str, by: int, *, second_name: str | None = None) -> None:
    """The person says that this is their name as it is to be printed. Raises PdfRefused where no paper can print it."""
    second = names.tidy(second_name or "") or None
    names.printable(names.tidy(name))
    if second:
        names.printable(second)
    with db.write():
        user = db.locked(User, user_id)
        changed = user.legal_name != names.tidy(name) or user.second_name != second
        if user.legal_name_confirmed_at is not None and user.id == by and (changed or name_is_fresh(user)):
            raise RuleBroken(_("You confirmed your name already. Ask the school to correct it."))
        user.second_name = second
        _confirm_name(user, name, by)


def name_is_fresh(user: User) -> bool:
    """Whether the confirmed name still counts; after the policy's days the person confirms it once more."""
    confirmed = user.legal_name_confirmed_at
    return confirmed is not None and clock.now() - confirmed <= timedelta(days=school.policy("legal_name_days"))


def _confirm_name(user: User, name: str, by: int) -> None:
    rename(user, names.tidy(name))
    user.legal_name_confirmed_at = clock.now()
    user.version += 1
    audit.record("legal_name_confirmed", by=by, subject=("person", user.id))


def welcome(user_id: int, *, name: str | None, locale: str | None) -> None:
    """What a person says on their first visit; `name` was found printable when it was typed."""
    with db.write():
        user = db.locked(User, user_id)
        user.locale = locale if locale in LANGUAGES else user.locale
        if name and user.legal_name_confirmed_at is None:
            _confirm_name(user, name, by=user.id)
        audit.record("invitation_accepted", by=user.id, subject=("person", user.id))


def rename(user: User, name: str) -> None:
    """Keep the keys that lists and searches use beside the name."""
    user.legal_name, user.sort_key = name, sort_key(name)
    user.search_key = search_key(name, user.email, user.login_name)


def attest_adult(user_id: int, by: int) -> None:
    """The person says that they are 18 or older; no birth date is kept."""
    with db.write():
        user = db.locked(User, user_id)
        if user.adult_attested_at is None:
            user.adult_attested_at = clock.now()
            audit.record("adult_attested", by=by, subject=("person", user.id))


def choose_language(user_id: int, language: str) -> None:
    with db.write():
        db.locked(User, user_id).locale = language


def choose_reading(user_id: int, *, easy: bool) -> None:
    with db.write():
        db.locked(User, user_id).easy_reading = easy


def credentials_of(user_id: int) -> list[StaffCredential]:
    """Newest expiry first."""
    return list(
        db.session.scalars(
            select(StaffCredential)
            .filter_by(user_id=user_id)
            .order_by(StaffCredential.expires_on.desc(), StaffCredential.id.desc())
        )
    )


def valid_credential(user_id: int, kinds: Iterable[str], on: date) -> StaffCredential | None:
    """The person's credential of one of these kinds that still counts on that day, the longest one."""
    return db.session.scalars(
        select(StaffCredential)
        .where(
            StaffCredential.user_id == user_id, StaffCredential.kind.in_(list(kinds)), StaffCredential.expires_on >= on
        )
        .order_by(StaffCredential.expires_on.desc(), StaffCredential.id.desc())
        .limit(1)
    ).first()


def add_credential(user_id: int, *, kind: str, number: str, expires_on: date, by: int | None) -> StaffCredential:
    """Note a licence or card that an admin has seen; older ones stay for the record."""
    with db.write():
        if by is not None:
            office(by)
        user = db.locked(User, user_id)
        if not user.is_staff or kind not in CREDENTIAL_KINDS:
            raise RuleBroken(_("Licences and cards are kept for staff only."))
        row = StaffCredential(
            user_id=user.id,
            kind=kind,
            number=number.strip(),
            expires_on=expires_on,
            recorded_at=clock.now(),
            recorded_by_id=by,
        )
        db.session.add(row)
        db.session.flush()
        audit.record("credential_added", by=by, subject=("person", user.id), kind=kind)
    return row
