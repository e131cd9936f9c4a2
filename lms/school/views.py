from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.access import Permission
from lms.accounts.login import acting, current_user, names_of, requires
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.i18n import _
from lms.idempotency import done, once
from lms.pdf_names import PdfRefused
from lms.school import service
from lms.school.forms import APPROVALS, SchoolForm, SignatoryForm, StatementForm, policy_form
from lms.school.rules import DEFAULTS, LIMITS, SETTABLE, UNBUILT, Approval
from lms.school.words import POLICY_NAMES, STATEMENT_TITLES, said, unit

bp = Blueprint("school", __name__)
TEXTS = ("text_en", "text_es", "short_en", "short_es", "source")


def _admin() -> int:
    """Who changes the school, with the right to it as it is now; the school first, as where admins act on admins."""
    service.hold()
    return acting(current_user.id, Permission.MANAGE_SCHOOL).id


@bp.get("/school")
@requires(Permission.SEE_CERTIFICATES)
def show() -> ResponseReturnValue:
    statements = service.dated_statements()
    return render_template(
        "school/show.html",
        approval=dict(APPROVALS)[Approval(service.current().approval)],
        signatories=service.signatories(),
        statements=statements,
        titles=STATEMENT_TITLES,
        people=names_of(row.created_by_id for one in statements for row in (one.now, *one.coming) if row),
        rules=[(POLICY_NAMES[key], said(key, service.policy(key))) for key in SETTABLE],
    )


@bp.route("/school/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_SCHOOL)
@once
def edit() -> ResponseReturnValue:
    school = service.current()
    form = SchoolForm(obj=school, act=("school", school.id, school.version), version=school.version)
    if form.validate_on_submit():
        with db.write():
            service.update_school(form.changes, version=form.sent_version, by=_admin())
            return done(url_for(".show"), _("Saved."))
    return render_template("school/edit.html", form=form), 422 if form.errors else 200


@bp.get("/school/policies")
@requires(Permission.SEE_CERTIFICATES)
def policies() -> ResponseReturnValue:
    dated = service.dated_policies()
    return render_template(
        "school/policies.html",
        dated=dated,
        defaults=DEFAULTS,
        names=POLICY_NAMES,
        in_words=said,
        people=names_of(row.created_by_id for one in dated for row in (one.now, *one.coming) if row),
        off=[POLICY_NAMES[key] for key in DEFAULTS if key in UNBUILT],
    )


@bp.route("/school/policies/<key>", methods=["GET", "POST"])
@requires(Permission.MANAGE_SCHOOL)
@once
def policy(key: str) -> ResponseReturnValue:
    if key not in SETTABLE:
        raise NotFound
    form = policy_form(key)(effective_from=service.today())
    if form.validate_on_submit():
        day, source = form.effective_from.data or service.today(), form.source.data or ""
        try:
            with db.write():
                service.set_policy(key, form.chosen, effective_from=day, source=source, by=_admin())
                return done(url_for(".policies"), _("The rule is stored; the old one stays on record."))
        except RuleBroken as refused:
            form.effective_from.errors = [str(refused)]
    return render_template(
        "school/policy.html",
        form=form,
        name=POLICY_NAMES[key],
        now=said(key, service.policy(key)),
        range=LIMITS.get(key),
        unit=unit(key),
    ), 422 if form.errors else 200


@bp.route("/school/statements/<key>", methods=["GET", "POST"])
@requires(Permission.MANAGE_SCHOOL)
@once
def statement(key: str) -> ResponseReturnValue:
    newest = service.newest_statement(key)
    form = StatementForm(data={**{name: getattr(newest, name) for name in TEXTS}, "effective_from": service.today()})
    if form.validate_on_submit():
        day = form.effective_from.data or service.today()
        try:
            with db.write():
                texts = {name: form.data[name] or "" for name in TEXTS}
                service.add_statement(key, **texts, effective_from=day, by=_admin())
                return done(url_for(".show"), _("The new text is stored; the old one stays on record."))
        except RuleBroken as refused:
            form.effective_from.errors = [str(refused)]
    title = STATEMENT_TITLES.get(key, key)
    return render_template("school/statement.html", form=form, title=title), 422 if form.errors else 200


@bp.route("/school/signatories/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_SCHOOL)
@once
def add_signatory() -> ResponseReturnValue:
    form = SignatoryForm()
    if form.validate_on_submit():
        try:
            with db.write():
                service.add_signatory(
                    name=form.name.data or "",
                    title_en=form.title_en.data or "",
                    title_es=form.title_es.data or "",
                    credential=form.credential.data or "",
                    by=_admin(),
                )
                return done(url_for(".show"), _("Saved."))
        except PdfRefused as refused:
            form.name.errors = [*form.name.errors, str(refused)]
    return render_template("school/signatory.html", form=form), 422 if form.errors else 200


@bp.post("/school/signatories/<int:signatory_id>/retire")
@requires(Permission.MANAGE_SCHOOL)
@once
def retire_signatory(signatory_id: int) -> ResponseReturnValue:
    with db.write():
        service.retire_signatory(signatory_id, by=_admin())
        return done(url_for(".show"), _("This name is no longer on new certificates."))


@bp.get("/accessibility")
@requires(Permission.PUBLIC)
def accessibility() -> ResponseReturnValue:
    return render_template("school/accessibility.html")


@bp.get("/privacy")
@requires(Permission.PUBLIC)
def privacy() -> ResponseReturnValue:
    return render_template("school/privacy.html")


@bp.get("/contact")
@requires(Permission.PUBLIC)
def contact() -> ResponseReturnValue:
    return render_template("school/contact.html")
