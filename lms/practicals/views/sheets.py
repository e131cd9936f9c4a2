"""The grading sheet: shown, marked by taps or as a whole, corrected, thrown away."""

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms import audit, clock
from lms.access import Permission
from lms.accounts.login import current_user, requires
from lms.db import db
from lms.i18n import _, clock_time
from lms.idempotency import done, once
from lms.practicals import rules, service
from lms.practicals.forms import AmendForm, DiscardForm, GradeForm, changes
from lms.practicals.views import pages
from lms.practicals.views.blueprint import bp


@bp.get("/sheets/<int:sheet_id>")
@requires(Permission.OWN_ACCOUNT)
def show(sheet_id: int) -> ResponseReturnValue:
    """An open sheet to its examiner for marking, any other to read."""
    sheet = service.get(sheet_id, for_=current_user)
    if sheet.signed_at is None and sheet.examiner_id == current_user.id:
        return pages.grade(sheet, [])
    page = pages.read(sheet)
    if sheet.enrolment.user_id != current_user.id:
        audit.record("record.viewed", by=current_user.id, subject=("sheet", sheet_id))
    return page


@bp.get("/SHEETS/<int:sheet_id>")
@requires(Permission.OWN_ACCOUNT)
def scanned(sheet_id: int) -> ResponseReturnValue:
    """Printed codes hold addresses in capitals, which need fewer squares."""
    return redirect(url_for(".show", sheet_id=sheet_id), 303)


@bp.post("/sheets/<int:sheet_id>")
@requires(Permission.SIGN_PRACTICALS)
def save(sheet_id: int) -> ResponseReturnValue:
    """The whole sheet, as a page without JavaScript sends it; then to the signature, if that was pressed."""
    sheet = service.get(sheet_id, for_=current_user)
    pages.name_fields(skill := pages.skill_of(sheet))
    entered = changes(skill, request.form, whole=True)
    version = GradeForm().sent_version
    service.save(sheet_id, entered, by=current_user.id, version=version)
    onward = ".sign" if request.form.get("next") == "sign" else ".show"
    return redirect(url_for(onward, sheet_id=sheet_id), 303)


@bp.post("/sheets/<int:sheet_id>/marks")
@requires(Permission.SIGN_PRACTICALS)
def tap(sheet_id: int) -> ResponseReturnValue:
    """One change, as it is tapped. Sent again after a lost reply it changes nothing."""
    sheet = service.get(sheet_id, for_=current_user)
    skill, before = pages.skill_of(sheet), sheet.version
    entered = changes(skill, request.form, whole=False)
    saved = service.save(sheet_id, entered, by=current_user.id)
    left, safety_left = rules.left(skill, service.marks_of(sheet_id))
    answer = {"saved": clock_time(clock.now()), "left": left, "safety_left": safety_left}
    if request.form.get("version") == str(before):  # else this page has not seen what another one changed
        answer["fields"] = {"version": str(saved.version)}
    return jsonify(answer)


@bp.post("/sheets/<int:sheet_id>/amend")
@requires(Permission.SIGN_PRACTICALS)
@once
def amend(sheet_id: int) -> ResponseReturnValue:
    """Begin the sheet that will correct this one."""
    sheet = service.get(sheet_id, for_=current_user)
    form = AmendForm(act=("amend", sheet_id))
    if form.validate_on_submit():
        with db.write():
            new = service.amend(sheet_id, why=form.why.data or "", by=current_user.id)
            return done(url_for(".show", sheet_id=new.id), _("This sheet will correct the signed one."))
    return pages.read(sheet, form)


@bp.post("/sheets/<int:sheet_id>/discard")
@requires(Permission.SIGN_PRACTICALS)
@once
def discard(sheet_id: int) -> ResponseReturnValue:
    sheet = service.get(sheet_id, for_=current_user)
    cohort_id, form = sheet.enrolment.cohort_id, DiscardForm(act=("discard", sheet.id, sheet.version))
    if form.validate_on_submit():
        with db.write():
            service.discard(sheet_id, by=current_user.id)
            return done(url_for(".cohort", cohort_id=cohort_id), _("The unsigned sheet is discarded."))
    return redirect(url_for(".show", sheet_id=sheet_id), 303)
