"""The examiner signs what is shown; the student answers."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.access import Permission
from lms.accounts import service as accounts
from lms.accounts.login import current_user, requires
from lms.db import db
from lms.errors import Conflict, RuleBroken
from lms.i18n import _
from lms.idempotency import done, once
from lms.practicals import service
from lms.practicals.forms import AnswerForm, SignForm
from lms.practicals.models import Sheet
from lms.practicals.rules import Proof
from lms.practicals.views import pages
from lms.practicals.views.blueprint import bp
from lms.school import service as school


@bp.route("/sheets/<int:sheet_id>/sign", methods=["GET", "POST"])
@requires(Permission.SIGN_PRACTICALS)
@once
def sign(sheet_id: int) -> ResponseReturnValue:
    sheet = service.get(sheet_id, for_=current_user)
    if sheet.signed_at is not None or sheet.examiner_id != current_user.id:
        return redirect(url_for(".show", sheet_id=sheet_id), 303)
    if wanting := service.wanting(pages.skill_of(sheet), sheet):
        return pages.grade(sheet, wanting)
    form = _form(sheet)
    if not form.validate_on_submit() or (proof := _proved(form)) is None:
        return pages.ask_to_sign(sheet, form, 422 if form.errors else 200)
    try:
        with db.write():
            entered = {"place": form.place.data or "", "observed_at": form.observed_at}
            service.sign(sheet_id, version=form.sent_version, proof=proof, by=current_user.id, **entered)
            return done(url_for(".show", sheet_id=sheet_id), _("Signed."))
    except (Conflict, RuleBroken) as refused:
        return _again(sheet_id, form, refused)


def _form(sheet: Sheet) -> SignForm:
    place = service.draft_of(sheet).place or sheet.enrolment.cohort.room
    form = SignForm(
        act=("sign", sheet.id, sheet.version),
        version=sheet.version,
        zone=school.current().zone,
        data={"place": place},
    )
    if not current_user.has_second_factor:
        del form.code
    return form


def _proved(form: SignForm) -> Proof | None:
    """Who signs shows again who they are, outside the write."""
    code = form.code.data if form.code else None
    if not accounts.reauthenticate(current_user, form.password.data or "", code):
        words = _("This password or code is not right.") if form.code else _("This password is not right.")
        form.password.errors = [words]
        return None
    return Proof("password_and_code" if form.code else "password", clock.now())


def _again(sheet_id: int, form: SignForm, refused: Conflict | RuleBroken) -> ResponseReturnValue:
    """Nothing was signed: show the sheet as it stands now, and why."""
    sheet = service.get(sheet_id, for_=current_user)
    if sheet.signed_at is not None:
        return redirect(url_for(".show", sheet_id=sheet_id), 303)
    words = str(refused)
    if isinstance(refused, Conflict):
        words = _("This sheet was changed after you opened this page. Read it again, then sign.")
        form.version.data = str(refused.version)
    form.form_errors.append(words)
    return pages.ask_to_sign(sheet, form, 409)


@bp.post("/sheets/<int:sheet_id>/answer")
@requires(Permission.COUNTERSIGN)
@once
def answer(sheet_id: int) -> ResponseReturnValue:
    """The student countersigns, or declines in their own words."""
    sheet = service.get(sheet_id, for_=current_user)
    form = AnswerForm(act=("answer", sheet_id))
    if form.validate_on_submit():
        agreed = form.agreed.data == "yes"
        with db.write():
            service.answer(sheet_id, agreed=agreed, words=form.words.data or "", by=current_user.id)
            return done(
                url_for(".show", sheet_id=sheet_id), _("Countersigned.") if agreed else _("Your words are kept.")
            )
    return pages.read(sheet, form)
