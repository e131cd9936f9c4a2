from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.access import Permission
from lms.accounts.login import current_user, requires
from lms.db import db
from lms.errors import SchoolError
from lms.i18n import _
from lms.idempotency import done, once
from lms.school import service
from lms.school.forms import POLICY_NAMES, PolicyForm, SchoolForm, SignatoryForm, StatementForm, read_value
from lms.school.rules import UNBUILT

bp = Blueprint("school", __name__)


@bp.get("/school")
@requires(Permission.SEE_CERTIFICATES)
def show() -> ResponseReturnValue:
    return render_template(
        "school/show.html",
        signatories=service.signatories(),
        statements=service.latest_statements(),
        policies=service.policies_in_force(),
        names=POLICY_NAMES,
        unbuilt=UNBUILT,
    )


@bp.route("/school/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_SCHOOL)
@once
def edit() -> ResponseReturnValue:
    school = service.current()
    form = SchoolForm(obj=school, act=("school", school.id, school.version), version=school.version)
    if form.validate_on_submit():
        with db.write():
            service.update_school(form.changes, version=form.sent_version, by=current_user.id)
            return done(url_for(".show"), _("Saved."))
    return render_template("school/edit.html", form=form), 422 if form.errors else 200


@bp.route("/school/policies", methods=["GET", "POST"])
@requires(Permission.MANAGE_SCHOOL)
@once
def policies() -> ResponseReturnValue:
    form = PolicyForm()
    if form.validate_on_submit():
        key = form.key.data
        value, day = read_value(key, form.value.data or ""), form.effective_from.data or service.today()
        with db.write():
            service.set_policy(key, value, effective_from=day, source=form.source.data or "", by=current_user.id)
            return done(url_for(".show"), _("The rule is stored; the old one stays on record."))
    return render_template("school/policies.html", form=form), 422 if form.errors else 200


@bp.route("/school/statements/<key>", methods=["GET", "POST"])
@requires(Permission.MANAGE_SCHOOL)
@once
def statement(key: str) -> ResponseReturnValue:
    current = service.newest_statement(key)
    form = StatementForm(obj=current)
    if form.validate_on_submit():
        day = form.effective_from.data or service.today()
        with db.write():
            service.add_statement(
                key,
                text_en=form.text_en.data or "",
                text_es=form.text_es.data or "",
                short_en=form.short_en.data or "",
                short_es=form.short_es.data or "",
                effective_from=day,
                source=form.source.data or "",
                by=current_user.id,
            )
            return done(url_for(".show"), _("The new text is stored; the old one stays on record."))
    return render_template("school/statement.html", form=form, current=current), 422 if form.errors else 200


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
                    by=current_user.id,
                )
                return done(url_for(".show"), _("Saved."))
        except SchoolError as refused:
            form.name.errors = [*form.name.errors, str(refused)]
    return render_template("school/signatory.html", form=form), 422 if form.errors else 200


@bp.post("/school/signatories/<int:signatory_id>/retire")
@requires(Permission.MANAGE_SCHOOL)
@once
def retire_signatory(signatory_id: int) -> ResponseReturnValue:
    with db.write():
        service.retire_signatory(signatory_id, by=current_user.id)
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
