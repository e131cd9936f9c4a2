"""One's own account: name, password, sessions, language and reading."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from lms import audit
from lms.access import Permission, Role
from lms.accounts import letters, login, passwords, recovery, rules, service
from lms.accounts.forms import AdultForm, EmailForm, NameForm, PasswordForm
from lms.accounts.login import confirmed, current_user, requires
from lms.accounts.models import User
from lms.accounts.views.blueprint import FIRST_PAGE, bp
from lms.accounts.views.links import words_of
from lms.db import db
from lms.errors import NotFound
from lms.i18n import LANGUAGES, _
from lms.idempotency import done, new_key, once
from lms.pdf_names import fit


@bp.get("/account")
@requires(Permission.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    slip, change = recovery.slip_for(current_user), recovery.changed_address(current_user)
    return render_template(
        "accounts/account.html",
        credentials=service.credentials_of(current_user.id),
        slip=recovery.slip_words(slip) if slip else None,
        change=change,
        email_form=EmailForm(formdata=None, act=("email", current_user.version), version=current_user.version),
    )


@bp.post("/account/email")
@requires(Permission.OWN_ACCOUNT)
@confirmed
@once
def confirm_email() -> ResponseReturnValue:
    """The address that the school wrote here is the person's own: from now on a reset may be mailed there."""
    user_id, form = current_user.id, EmailForm()
    with db.write():
        recovery.confirm_address(user_id, version=form.sent_version)
        return done(url_for(".account"), _("Your email is confirmed."))


@bp.route("/account/name", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
@once
def name() -> ResponseReturnValue:
    """The name as it will be printed; the person confirms it once, later corrections are the school's."""
    user_id, sure = current_user.id, request.form.get("sure") == "yes"
    if service.name_is_fresh(current_user):
        return render_template("accounts/name_confirmed.html", printed=fit(current_user.legal_name))
    form, again = NameForm(obj=current_user), current_user.legal_name_confirmed_at is not None
    if again and request.method == "GET":
        printed, second = fit(current_user.legal_name), current_user.second_name
        return render_template("accounts/name_check.html", form=form, printed=printed, second=second, again=True)
    if form.validate_on_submit():
        legal_name, second = form.legal_name.data or "", form.second_name.data
        if not sure:
            return render_template("accounts/name_check.html", form=form, printed=fit(legal_name), second=second)
        with db.write():
            service.confirm_legal_name(user_id, legal_name, user_id, second_name=second)
            return done(url_for(".account"), _("Your name is confirmed."))
    return render_template("accounts/name.html", form=form), 422 if form.errors else 200


@bp.route("/account/adult", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
@once
def adult() -> ResponseReturnValue:
    """Students say that they are 18 or older; no birth date is asked."""
    if current_user.role is not Role.STUDENT or current_user.adult_attested_at is not None:
        return redirect(url_for(".account"), 303)
    user_id, form = current_user.id, AdultForm()
    if form.validate_on_submit():
        with db.write():
            service.attest_adult(user_id, by=user_id)
            return done(url_for(".account"), _("Saved."))
    return render_template("accounts/adult.html", form=form), 422 if form.errors else 200


@bp.route("/account/password", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
def password() -> ResponseReturnValue:
    """A new password ends every session; this browser gets a new one."""
    form = PasswordForm(words=words_of(current_user))
    if form.validate_on_submit():
        if service.prove_password(current_user, form.password.data or ""):
            return _save_password(current_user.id, form.new_password.data or "")
        form.password.errors = [_("This is not the password you have now.")]
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


def _save_password(user_id: int, new: str) -> ResponseReturnValue:
    hash_ = passwords.hashed(new)
    with db.write():
        service.set_password(user_id, hash_)
        letters.post_password_changed(user_id)
        login.begin(db.locked(User, user_id))
        return done(url_for(".account"), _("Your password is changed. Other browsers are signed out."))


@bp.get("/account/sessions")
@requires(Permission.OWN_ACCOUNT)
@confirmed
def sessions() -> ResponseReturnValue:
    """Where the person is signed in now."""
    here = login.this_session()
    rows = [(row, *rules.device_name(row.user_agent)) for row in login.open_sessions(current_user)]
    return render_template("accounts/sessions.html", rows=rows, here=here.id if here else None, new_key=new_key)


@bp.post("/account/sessions/<int:session_id>/end")
@requires(Permission.OWN_ACCOUNT)
@confirmed
@once
def end_session(session_id: int) -> ResponseReturnValue:
    user_id, here = current_user.id, login.this_session()
    if session_id not in {row.id for row in login.open_sessions(current_user)}:
        raise NotFound(f"session {session_id}")
    with db.write():
        login.end(session_id)
        audit.record("session_ended", by=user_id, subject=("session", session_id))
        answer = done(url_for(".sessions"), _("That browser is signed out."))
    if here and here.id == session_id:
        login.leave()
    return answer


@bp.post("/account/sessions/end-others")
@requires(Permission.OWN_ACCOUNT)
@confirmed
@once
def end_other_sessions() -> ResponseReturnValue:
    user_id, here = current_user.id, login.this_session()
    with db.write():
        login.end_all(user_id, but=here.id if here else None)
        audit.record("sessions_ended", by=user_id, subject=("person", user_id))
        return done(url_for(".sessions"), _("All other browsers are signed out."))


def _back() -> ResponseReturnValue:
    return redirect(rules.local_path(request.form.get("next")) or FIRST_PAGE, 303)


@bp.post("/language")
@requires(Permission.PUBLIC)
def language() -> ResponseReturnValue:
    """Kept on the person, and in this browser for the pages before sign-in."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if current_user.is_authenticated:
            service.choose_language(current_user.id, chosen)
    return _back()


@bp.post("/reading")
@requires(Permission.PUBLIC)
def reading() -> ResponseReturnValue:
    """Easier reading, on or off."""
    easy = request.form.get("reading") == "easy"
    session["reading"] = "easy" if easy else ""
    if current_user.is_authenticated:
        service.choose_reading(current_user.id, easy=easy)
    return _back()
