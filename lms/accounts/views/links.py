"""Links that let a person in once: a new password, and the first visit after an invitation."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import throttle
from lms.access import Permission, Role
from lms.accounts import letters, passwords, service, tokens
from lms.accounts import sign_in as signing
from lms.accounts.forms import InvitationForm, NewPassword, ResetForm
from lms.accounts.login import current_user, requires
from lms.accounts.models import AccessToken, User
from lms.accounts.rules import TokenKind, TokenState
from lms.accounts.views.blueprint import FIRST_PAGE, bp
from lms.accounts.views.sign_in import signed_in, wait_words
from lms.db import db
from lms.errors import TooManyTries
from lms.i18n import _, language
from lms.idempotency import done, new_key, once
from lms.school import service as school

NEW_LINKS = {"limit": 5, "seconds": 3600}


def words_of(user: User) -> list[str]:
    """Names that must not make up this person's password."""
    here = school.current()
    return [here.name, here.legal_name, user.legal_name, user.email or "", user.login_name or ""]


@bp.route("/reset", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def reset() -> ResponseReturnValue:
    """Ask for a link; the answer is the same whether or not there is such an account."""
    form = ResetForm()
    if form.validate_on_submit():
        try:
            signing.ask_reset(form.login.data or "", address=request.remote_addr or "")
        except TooManyTries as error:
            form.login.errors = [wait_words(error)]
            return render_template("accounts/reset.html", form=form), 429, {"Retry-After": str(error.retry_after)}
        return render_template("accounts/reset_sent.html")
    return render_template("accounts/reset.html", form=form), 422 if form.errors else 200


@bp.route("/reset/<token>", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def new_password(token: str) -> ResponseReturnValue:
    link = tokens.find(token, TokenKind.RESET, TokenKind.SLIP)
    if link is None or tokens.state_of(link) is not TokenState.OPEN:
        return _closed(link)
    form = NewPassword(words=words_of(link.user))
    if not form.validate_on_submit():
        return render_template("accounts/new_password.html", form=form), 422 if form.errors else 200
    user, hash_ = link.user, passwords.hashed(form.new_password.data or "")
    with db.write():
        _take(link.id, user.id, hash_)
        letters.post_password_changed(user.id)
    return _let_in(user)


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def invitation(token: str) -> ResponseReturnValue:
    link = tokens.find(token, TokenKind.INVITATION)
    if link is None or tokens.state_of(link) is not TokenState.OPEN:
        return _closed(link)
    user = link.user
    form = InvitationForm(
        student=user.role is Role.STUDENT,
        named=user.legal_name_confirmed_at is not None,
        words=words_of(user),
        legal_name=user.legal_name,
        locale=user.locale or language(),
    )
    if not form.validate_on_submit():
        return render_template("accounts/invitation.html", form=form, person=user), 422 if form.errors else 200
    hash_ = passwords.hashed(form.new_password.data or "")
    with db.write():
        _take(link.id, user.id, hash_)
        service.welcome(user.id, name=form.legal_name.data if form.legal_name else None, locale=form.locale.data)
        if user.role is Role.STUDENT:
            service.attest_adult(user.id, by=user.id)
    return _let_in(user)


def _take(link_id: int, user_id: int, password_hash: str) -> None:
    """Use the link up and store the new password, inside the surrounding write."""
    tokens.use(link_id)
    service.set_password(user_id, password_hash, by=user_id)


def _let_in(user: User) -> ResponseReturnValue:
    """Sign in with the new password; who has a second step signs in by hand."""
    name = user.email or user.login_name or ""
    throttle.clear("sign-in", name)
    if user.has_second_factor:
        flash(_("Your password is saved. Sign in with it."))
        return redirect(url_for(".login"), 303)
    return signed_in(user, name)


def _closed(link: AccessToken | None) -> ResponseReturnValue:
    """A link that is used, too old, or never was."""
    if link is not None and current_user.is_authenticated and current_user.id == link.user_id:
        return redirect(FIRST_PAGE, 303)  # a second click on the same button: the first one let them in
    state = tokens.state_of(link)
    again = None
    if state is TokenState.EXPIRED and link and link.kind == TokenKind.INVITATION and link.user.email:
        again = url_for(".new_invitation", token=tokens.text_of(link))
    page = render_template("accounts/closed_link.html", state=state, again=again, new_key=new_key)
    return page, 404 if state is None else 410


@bp.post("/invitations/<token>/again")
@requires(Permission.PUBLIC)
@once
def new_invitation(token: str) -> ResponseReturnValue:
    """One tap on an expired invitation mails a new one to the address on record."""
    link = tokens.find(token, TokenKind.INVITATION)
    if link is None or tokens.state_of(link) is not TokenState.EXPIRED or not link.user.email:
        return _closed(link)
    user_id = link.user_id
    throttle.hit("invitation-again", str(user_id), **NEW_LINKS)
    with db.write():
        service.invite(user_id, by=None)
        return done(url_for(".invitation_sent"))


@bp.get("/invitations/sent")
@requires(Permission.PUBLIC)
def invitation_sent() -> ResponseReturnValue:
    return render_template("accounts/reset_sent.html")
