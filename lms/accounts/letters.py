"""Letters that the worker sends: invitations, resets, and word of a changed password, in the person's language."""

from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import jobs, mail
from lms.accounts import sealing, tokens
from lms.accounts.models import AccessToken, User
from lms.accounts.rules import TokenKind, TokenState
from lms.db import db
from lms.i18n import LANGUAGES, LOCALES
from lms.school import service as school


def post_link(token: AccessToken) -> None:
    """Ask for the letter with this link, inside the surrounding write; the job holds the link's id alone."""
    jobs.enqueue(f"mail.{token.kind}", token_id=token.id)


def post_password_changed(user_id: int) -> None:
    jobs.enqueue("mail.password_changed", user_id=user_id)


def post_email_changed(user_id: int, old: str) -> None:
    """To the address of before, which stands sealed in the job."""
    jobs.enqueue("mail.email_changed", user_id=user_id, old=sealing.sealed(old, "old address", user_id))


@jobs.handler("mail.invitation")
def send_invitation(token_id: int) -> None:
    _send_link(token_id, TokenKind.INVITATION)


@jobs.handler("mail.reset")
def send_reset(token_id: int) -> None:
    _send_link(token_id, TokenKind.RESET)


@jobs.handler("mail.password_changed")
def send_password_changed(user_id: int) -> None:
    user = db.session.get(User, user_id)
    if user and user.active and user.email:
        send(user, "emails/password_changed.txt", help_url=current_app.config["BASE_URL"])


@jobs.handler("mail.email_changed")
def send_email_changed(user_id: int, old: str) -> None:
    user, address = db.session.get(User, user_id), sealing.opened(old, "old address", user_id)
    if user and address:
        send(user, "emails/email_changed.txt", to=address, help_url=current_app.config["BASE_URL"])


def _send_link(token_id: int, kind: TokenKind) -> None:
    """Nothing is sent for a link that no longer works."""
    with_person = select(AccessToken).options(joinedload(AccessToken.user)).filter_by(id=token_id, kind=kind)
    token = db.session.scalars(with_person).one_or_none()
    if token is None or tokens.state_of(token) is not TokenState.OPEN or not token.user.email:
        return
    send(token.user, f"emails/{kind}.txt", link=tokens.link(token), expires_at=token.expires_at)


def send(user: User, template: str, *, to: str | None = None, **context: object) -> None:
    """A letter in the person's language. The first line of its template is the subject."""
    to, locale = to or user.email or "", LOCALES[user.locale if user.locale in LANGUAGES else "en"]
    name, here = user.legal_name, school.current()
    with force_locale(locale):
        text = render_template(template, name=name, school=here, **context)
    subject, _blank, body = text.partition("\n")
    db.session.rollback()  # no transaction stays open while the mail server answers
    mail.send(to, subject, body.strip() + "\n")
