"""Sign in, the second step, sign out, and proving again who one is."""

from flask import Response, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from lms.access import Permission
from lms.accounts import login as here
from lms.accounts import recovery, rules, service
from lms.accounts import sign_in as signing
from lms.accounts.forms import CodeForm, ConfirmForm, SignInForm
from lms.accounts.login import SignInFirst, current_user, requires
from lms.accounts.models import User
from lms.accounts.typed import keep, kept
from lms.accounts.views.blueprint import FIRST_PAGE, bp
from lms.db import db
from lms.errors import TooManyTries
from lms.i18n import _

YEAR = 365 * 24 * 3600


def _known_browser_cookie() -> str:
    return current_app.config["SESSION_COOKIE_NAME"] + "-known"


def _known_browser() -> str | None:
    return request.cookies.get(_known_browser_cookie())


def wait_words(error: TooManyTries) -> str:
    return _("Too many tries. Wait %(minutes)s min, then try again.", minutes=max(1, -(-error.retry_after // 60)))


@bp.route("/login", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def login() -> ResponseReturnValue:
    form = SignInForm()
    if request.method == "GET":
        form.next.data = rules.local_path(request.args.get("next"))
        if current_user.is_authenticated:
            return redirect(form.next.data or FIRST_PAGE, 303)
    if not form.validate_on_submit():
        return _page(form, 422 if form.errors else 200)
    typed, password = form.login.data or "", form.password.data or ""
    try:
        user = signing.check(typed, password, address=request.remote_addr or "", known_browser=_known_browser())
    except TooManyTries as error:
        form.password.errors = [wait_words(error)]
        return _page(form, 429, {"Retry-After": str(error.retry_after)})
    if user is None:
        form.password.errors = [_("This name and password do not match. Try again, or ask for a new password.")]
        return _page(form, 422)
    if user.has_second_factor:
        session["second_step"] = signing.wait_for_code(user, typed)
        code_form = CodeForm(formdata=None, next=form.next.data, kept=form.kept.data)
        return render_template("accounts/code.html", form=code_form)
    return signed_in(user, typed, form.next.data, form.kept.data)


def _page(form: SignInForm, status: int, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    return render_template("accounts/sign_in.html", form=form), status, headers or {}


@bp.route("/login/code", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def code() -> ResponseReturnValue:
    """The second step, after the right password."""
    form, who = CodeForm(), signing.waiting(session.get("second_step"))
    if who is None:
        return redirect(url_for(".login", next=rules.local_path(form.next.data)), 303)
    if not form.validate_on_submit():
        return render_template("accounts/code.html", form=form), 422 if form.errors else 200
    user, typed = who
    try:
        right = signing.check_code(user, form.code.data or "")
    except TooManyTries as error:
        form.code.errors = [wait_words(error)]
        return render_template("accounts/code.html", form=form), 429, {"Retry-After": str(error.retry_after)}
    if not right:
        form.code.errors = [_("This code is not right, or it was used. Type the next one.")]
        return render_template("accounts/code.html", form=form), 422
    return signed_in(user, typed, form.next.data, form.kept.data)


def signed_in(user: User, typed: str, target: str | None = None, waiting: str | None = None) -> ResponseReturnValue:
    """Begin the session, then go on where the person wanted to go, or offer to send what they had typed."""
    news = list(recovery.news(user))
    signing.begin(user, typed, _known_browser())
    for words in news:
        flash(words, "wait")
    form = kept(waiting, user.id)
    if here.second_factor_due(user):
        answer = make_response(redirect(url_for("accounts.second_factor"), 303))
    elif form is not None:
        answer = make_response(render_template("accounts/send_again.html", kept=form))
    else:
        answer = make_response(redirect(rules.local_path(target) or FIRST_PAGE, 303))
    return _remember_browser(answer, user)


def _remember_browser(answer: Response, user: User) -> Response:
    if signing.browser_number(user, _known_browser()) is None:
        answer.set_cookie(
            _known_browser_cookie(),
            signing.browser_mark(user),
            max_age=YEAR,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return answer


@bp.app_errorhandler(SignInFirst)
def keep_what_was_typed(_error: SignInFirst) -> ResponseReturnValue:
    """A form met an ended session: sign in, then send it again."""
    db.session.rollback()
    form = SignInForm(formdata=None, next=request.path, kept=keep())
    return render_template("accounts/sign_in.html", form=form, keeps=True), 401


@bp.post("/logout")
@requires(Permission.PUBLIC)
def logout() -> ResponseReturnValue:
    """Public, so that signing out of an ended session is no puzzle."""
    signing.leave()
    return redirect(url_for(".login"), 303)


@bp.route("/account/confirm", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
def confirm() -> ResponseReturnValue:
    """Prove again who you are, then go on."""
    form = ConfirmForm(with_code=current_user.has_second_factor)
    if request.method == "GET":
        form.next.data = rules.local_path(request.args.get("next"))
    if form.validate_on_submit():
        given = form.code.data if current_user.has_second_factor else None
        if service.reauthenticate(current_user, form.password.data or "", given):
            return redirect(rules.local_path(form.next.data) or url_for(".account"), 303)
        form.password.errors = [_("That was not right. Try again.")]
    return render_template("accounts/confirm.html", form=form), 422 if form.errors else 200
