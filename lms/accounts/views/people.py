"""The people of the school, for admins: find, add, edit, switch off, invite, and what staff are licensed to do."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.access import Permission, Role
from lms.accounts import people as office
from lms.accounts import recovery, service, tokens
from lms.accounts.forms import ROLES, CredentialForm, NewPersonForm, PersonForm, ProvedForm, RoleForm
from lms.accounts.login import confirmed, current_user, requires
from lms.accounts.models import User
from lms.accounts.rules import in_force
from lms.accounts.views.blueprint import bp
from lms.accounts.views.proving import proved, status, who_proves
from lms.accounts.views.second_step import qr
from lms.db import db
from lms.errors import RuleBroken
from lms.i18n import _
from lms.idempotency import done, new_key, once
from lms.ids import row_id
from lms.school import service as school

Act = Callable[[int], object]  # by whom


def _wanted() -> office.Filter:
    """What the address asks for; nonsense asks for nothing."""
    role = request.args.get("role", "")
    return office.Filter(
        words=request.args.get("q", "")[:120],
        role=Role(role) if role in list(Role) else None,
        active=request.args.get("off") != "1",
    )


@bp.get("/people")
@requires(Permission.MANAGE_PEOPLE)
def people() -> ResponseReturnValue:
    wanted = _wanted()
    after, before = (request.args.get(name, type=row_id) for name in ("after", "before"))
    page = office.page(wanted, for_=current_user, after=after, before=before)
    filters = _address(wanted)
    keep = {**filters, "q": wanted.words} if wanted.words else filters
    return render_template(
        "accounts/people.html",
        page=page,
        wanted=wanted,
        filters=filters,
        keep=keep,
        roles=ROLES,
        pills=_pills(wanted),
    )


def _address(wanted: office.Filter) -> dict[str, str]:
    """The filters, without the words, as they stand in the address."""
    filters = {"role": wanted.role or "", "off": "" if wanted.active else "1"}
    return {name: value for name, value in filters.items() if value}


def _pills(wanted: office.Filter) -> list[tuple[str, str, None, bool]]:
    """(address, words, no count, whether it is on) of each filter; the words stay."""
    choices = [office.Filter(wanted.words), *(office.Filter(wanted.words, role) for role in Role)]
    labels = [_("All"), *ROLES.values(), _("Switched off")]
    choices.append(office.Filter(wanted.words, active=False))
    kept = {"q": wanted.words} if wanted.words else {}
    return [
        (f"{url_for('.people')}?{urlencode({**_address(choice), **kept})}", str(label), None, choice == wanted)
        for choice, label in zip(choices, labels, strict=True)
    ]


def _do(user_id: int, act: Act, said: str, page: str = ".person") -> ResponseReturnValue:
    """One act of the office on one person, then the page that shows it; a refusal is said on the person's page."""
    user, by = service.get(user_id, for_=current_user), current_user.id
    try:
        with db.write():
            act(by)
            return done(url_for(page, user_id=user.id), said)
    except RuleBroken as refused:
        flash(str(refused), "wait")
        return redirect(url_for(".person", user_id=user_id), 303)


def _do_proved(
    user_id: int, title: str, act: Act, said: str, *, page: str = ".person", form: ProvedForm | None = None
) -> ResponseReturnValue:
    """`_do` for who proves first who they are: a button pressed a while after the sign-in leads to a page that asks."""
    user, form = service.get(user_id, for_=current_user), form or ProvedForm(prove=who_proves())
    first = form.password and form.password.name not in request.form
    if first or not form.validate_on_submit() or not proved(form):
        return render_template("accounts/prove.html", form=form, title=title, person=user), *status(form)
    return _do(user_id, act, said, page)


@bp.route("/people/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
@once
def new_person() -> ResponseReturnValue:
    form, by = NewPersonForm(prove=who_proves()), current_user.id
    if form.validate_on_submit() and proved(form):
        try:
            with db.write():
                user = service.create(
                    legal_name=form.legal_name.data or "",
                    role=Role(form.role.data),
                    email=form.email.data,
                    login_name=form.login_name.data,
                    locale=form.locale.data,
                    by=by,
                )
                service.invite(user.id, by)
                return done(url_for(".person", user_id=user.id), _added(user))
        except RuleBroken as error:
            form.email.errors = [str(error)]
    return render_template("accounts/person_new.html", form=form), *status(form)


def _added(user: User) -> str:
    if user.email:
        return _("Added. The invitation is on its way.")
    return _("Added. Print the slip and hand it over.")


@bp.get("/people/<int:user_id>")
@requires(Permission.MANAGE_PEOPLE)
def person(user_id: int) -> ResponseReturnValue:
    user = service.get(user_id, for_=current_user)
    office.note_view(user.id, by=current_user.id)
    today = school.today()
    credentials = [(row, in_force(row.expires_on, today)) for row in service.credentials_of(user_id)]
    return render_template(
        "accounts/person.html",
        person=user,
        credentials=credentials,
        way=recovery.way_in(user),
        link=recovery.printable(user),
        unconfirmed=recovery.changed_address(user),
        new_key=new_key,
        role_form=RoleForm(formdata=None, act=("role", user.id, user.version), role=user.role.value),
        roles=ROLES,
    )


@bp.route("/people/<int:user_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
@once
def edit_person(user_id: int) -> ResponseReturnValue:
    user, by = service.get(user_id, for_=current_user), current_user.id
    edited = {"act": ("edit-person", user.id, user.version), "version": user.version}
    form = PersonForm(data={**office.as_text(user)}, prove=who_proves(), **edited)
    if form.validate_on_submit() and proved(form):
        try:
            with db.write():
                office.edit(
                    user_id,
                    legal_name=form.legal_name.data or "",
                    email=form.email.data,
                    login_name=form.login_name.data,
                    locale=form.locale.data,
                    version=form.sent_version,
                    by=by,
                )
                return done(url_for(".person", user_id=user_id), _("Saved."))
        except RuleBroken as error:
            form.email.errors = [str(error)]
    return render_template("accounts/person_edit.html", form=form, person=user), *status(form)


@bp.post("/people/<int:user_id>/role")
@requires(Permission.MANAGE_PEOPLE)
@once
def change_role(user_id: int) -> ResponseReturnValue:
    form = RoleForm(prove=who_proves())
    return _do_proved(
        user_id,
        _("Change the role"),
        lambda by: office.change_role(user_id, Role(form.role.data), by=by),
        _("The role is changed. Their sessions are ended."),
        form=form,
    )


@bp.post("/people/<int:user_id>/off")
@requires(Permission.MANAGE_PEOPLE)
@once
def switch_off(user_id: int) -> ResponseReturnValue:
    return _do_proved(
        user_id,
        _("Switch the account off"),
        lambda by: office.switch(user_id, active=False, by=by),
        _("The account is off. Nobody can sign in with it."),
    )


@bp.post("/people/<int:user_id>/on")
@requires(Permission.MANAGE_PEOPLE)
@once
def switch_on(user_id: int) -> ResponseReturnValue:
    return _do_proved(
        user_id,
        _("Switch the account on"),
        lambda by: office.switch(user_id, active=True, by=by),
        _("The account is on again."),
    )


@bp.post("/people/<int:user_id>/end-sessions")
@requires(Permission.MANAGE_PEOPLE)
@once
def end_sessions(user_id: int) -> ResponseReturnValue:
    return _do(user_id, lambda by: office.end_sessions(user_id, by=by), _("All their sessions are ended."))


@bp.post("/people/<int:user_id>/second-factor/off")
@requires(Permission.MANAGE_PEOPLE)
@once
def lost_phone(user_id: int) -> ResponseReturnValue:
    return _do_proved(
        user_id,
        _("Turn the second step off"),
        lambda by: office.lost_phone(user_id, by=by),
        _("Their second step is off. They set up a new one."),
    )


@bp.post("/people/<int:user_id>/invite")
@requires(Permission.MANAGE_PEOPLE)
@once
def invite(user_id: int) -> ResponseReturnValue:
    mailed = service.get(user_id, for_=current_user).email is not None
    return _do_proved(
        user_id,
        _("Make a new invitation"),
        lambda by: service.invite(user_id, by),
        _("A new invitation is on its way.") if mailed else _("The slip is ready."),
        page=".person" if mailed else ".slip",
    )


@bp.post("/people/<int:user_id>/reset")
@requires(Permission.MANAGE_PEOPLE)
@once
def mail_reset(user_id: int) -> ResponseReturnValue:
    """No password is asked: anybody may have this letter sent, and only its reader sees the link."""
    return _do(user_id, lambda by: recovery.mail_reset(user_id, by=by), _("The letter is on its way."))


@bp.post("/people/<int:user_id>/slip")
@requires(Permission.MANAGE_PEOPLE)
@once
def make_slip(user_id: int) -> ResponseReturnValue:
    return _do_proved(
        user_id,
        _("Make a slip"),
        lambda by: recovery.make_slip(user_id, by=by),
        _("The slip is ready."),
        page=".slip",
    )


@bp.get("/people/<int:user_id>/slip")
@requires(Permission.MANAGE_PEOPLE)
@confirmed
def slip(user_id: int) -> ResponseReturnValue:
    """A page to print: login name, link and QR code of the invitation or reset that is open now."""
    user = service.get(user_id, for_=current_user)
    token = recovery.printable(user)
    if token is None:
        return redirect(url_for(".person", user_id=user_id), 303)
    path, size = qr(tokens.link(token))
    return render_template(
        "accounts/slip.html", person=user, token=token, link=tokens.link(token), path=path, size=size
    )


@bp.route("/people/<int:user_id>/credentials", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
@once
def credentials(user_id: int) -> ResponseReturnValue:
    user, by = service.get(user_id, for_=current_user), current_user.id
    form = CredentialForm(prove=who_proves())
    if form.validate_on_submit() and form.expires_on.data and proved(form):
        number, last = form.number.data or "", form.expires_on.data
        with db.write():
            service.add_credential(user_id, kind=form.kind.data, number=number, expires_on=last, by=by)
            return done(url_for(".person", user_id=user_id), _("Saved."))
    return render_template("accounts/credential.html", form=form, person=user), *status(form)
