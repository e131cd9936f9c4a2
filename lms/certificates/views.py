from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import audit
from lms.access import Permission, allows
from lms.accounts import service as accounts
from lms.accounts.login import current_user, requires
from lms.catalog import service as catalog
from lms.certificates import qr, record, service, verifying, words
from lms.certificates.board import Row, rows_of
from lms.certificates.eligibility import Group, Standing, Why, completed_on
from lms.certificates.evidence import clauses, switched_off
from lms.certificates.forms import OWN, FileForm, IssueForm, RevokeForm, VerifyForm
from lms.certificates.held import revoked
from lms.certificates.rules import Reason, normal_serial
from lms.cohorts import roll
from lms.cohorts import service as cohorts
from lms.db import db
from lms.errors import NotFound, SchoolError
from lms.forms import Form
from lms.i18n import _, language, ngettext
from lms.idempotency import done, once
from lms.ids import row_id
from lms.ledger import service as ledger
from lms.ledger.record import bundle_text
from lms.school import service as school

bp = Blueprint("certificates", __name__)
WORDS = {
    "groups": words.GROUPS,
    "standings": words.STANDINGS,
    "statuses": words.STATUSES,
    "sentence": words.sentence,
    "title_of": words.title,
    "hour_count": words.hour_count,
    "Group": Group,
    "Why": Why,
}


@bp.context_processor
def speak() -> dict[str, object]:
    return WORDS


# ---- the student's record ---------------------------------------------------------------------------------------
@bp.get("/record")
@requires(Permission.LEARN)
def mine() -> ResponseReturnValue:
    own = record.of(current_user)
    if own is None:
        return render_template("certificates/none.html")
    if own.certificate is None:
        return render_template("certificates/left.html", record=own)
    link = own.facts["verify_url"]
    return render_template("certificates/earned.html", record=own, link=link, code=qr.path(link))


# ---- readiness, and issuing -------------------------------------------------------------------------------------
@bp.get("/cohorts/<int:cohort_id>/readiness")
@requires(Permission.SEE_COHORTS)
def board(cohort_id: int) -> ResponseReturnValue:
    state, q = request.args.get("state", ""), request.args.get("q", "")[:120]
    wanted = Standing(state) if state in list(Standing) else None
    after = request.args.get("after", type=row_id)
    page = service.board(cohort_id, for_=current_user, wanted=wanted, words=q, after=after)
    return render_template(
        "certificates/board.html",
        board=page,
        wanted=wanted,
        q=q,
        Standing=Standing,
        may_issue=allows(current_user.role, Permission.ISSUE_CERTIFICATES),
        choose_all=request.args.get("choose") == "ready",
        off=[words.UNBUILT[key] for key in switched_off()],
    )


@bp.get("/cohorts/<int:cohort_id>/readiness/<int:enrolment_id>")
@requires(Permission.SEE_COHORTS)
def student(cohort_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Every clause of one student."""
    if cohorts.enrolment(enrolment_id, for_=current_user).cohort_id != cohort_id:
        raise NotFound
    audit.record("record.viewed", by=current_user.id, subject=("enrolment", enrolment_id))
    row = cohorts.enrolment(enrolment_id, for_=current_user)
    return render_template(
        "certificates/student.html",
        enrolment=row,
        clauses=clauses([row.id])[row.id],
        certificate=service.held([row.id]).get(row.id),
        off=[words.UNBUILT[key] for key in switched_off()],
    )


@bp.route("/cohorts/<int:cohort_id>/certificates/new", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
@once
def check(cohort_id: int) -> ResponseReturnValue:
    """Look at what will be issued, then issue it: one transaction a student."""
    cohort = cohorts.get(cohort_id, for_=current_user)
    ids = set(request.values.getlist("who", type=row_id)[: service.PAGE])
    chosen = rows_of([row for row in roll.enrolled(ids) if row.cohort_id == cohort_id])
    ready = [row for row in chosen if row.standing is Standing.READY]
    form = IssueForm(act=("issue", cohort_id, *sorted(ids), f"after {revoked(ids)} revoked"))
    form.offer()
    if ready and form.validate_on_submit():
        return _issue(cohort_id, ready, form.language.data)
    dates, signers = sorted(completed_on(row.clauses) for row in ready), school.signatories()[:2]
    return render_template(
        "certificates/check.html",
        form=form,
        cohort=cohort,
        edition=catalog.edition(cohort.course_version_id),
        ready=ready,
        left_out=[row for row in chosen if row not in ready],
        dates=dates,
        signatories=signers,
        signers=[(one.name, one.title_es if language() == "es" else one.title_en) for one in signers],
    ), 422 if form.errors else 200


def _issue(cohort_id: int, ready: list[Row], language: str) -> ResponseReturnValue:
    by, refused, place = current_user.id, [], url_for(".index", cohort=cohort_id)
    answer = redirect(place, 303)
    for row in ready:
        try:
            with db.write():
                service.issue(row.enrolment_id, language=row.locale if language == OWN else language, by=by)
                answer = done(place)
        except SchoolError as why:
            refused.append(f"{row.name}: {why}")
    issued = len(ready) - len(refused)
    if issued:
        flash(ngettext("%(num)s certificate is issued.", "%(num)s certificates are issued.", issued))
    for line in refused:
        flash(line, "wait")
    return answer


# ---- certificates -----------------------------------------------------------------------------------------------
@bp.get("/certificates")
@requires(Permission.SEE_CERTIFICATES)
def index() -> ResponseReturnValue:
    q, cohort_id = request.args.get("q", "")[:120], request.args.get("cohort", type=row_id)
    before = request.args.get("before", type=row_id)
    rows = service.page(for_=current_user, words=normal_serial(q) or q, cohort_id=cohort_id, before=before)
    shown = rows[: service.PAGE]
    return render_template(
        "certificates/index.html",
        rows=shown,
        names=service.printed_names(shown),
        status=service.statuses(shown),
        q=q,
        cohort_id=cohort_id,
        before=before,
        older=shown[-1].id if len(rows) > service.PAGE else None,
    )


@bp.get("/certificates/<int:certificate_id>")
@requires(Permission.SEE_CERTIFICATES)
def show(certificate_id: int) -> ResponseReturnValue:
    service.get(certificate_id, for_=current_user)
    audit.record("record.viewed", by=current_user.id, subject=("certificate", certificate_id))
    row = service.get(certificate_id, for_=current_user)
    asked, stuck = service.asked_for(row) if row.document is None else (0, False)
    return render_template(
        "certificates/show.html",
        certificate=row,
        facts=service.facts_printed(row),
        printed=service.printed_names([row])[row.id],
        status=service.statuses([row])[row.id],
        issued_by=accounts.person(row.issued_by_id).legal_name,
        revoked=service.revocation_told(row),
        reasons=words.REASONS,
        again=Form(act=("make_again", row.id, asked)) if stuck else None,
    )


@bp.post("/certificates/<int:certificate_id>/document")
@requires(Permission.ISSUE_CERTIFICATES)
@once
def make_again(certificate_id: int) -> ResponseReturnValue:
    service.get(certificate_id, for_=current_user)
    by = current_user.id
    with db.write():
        service.make_again(certificate_id, by=by)
        return done(url_for(".show", certificate_id=certificate_id), _("The PDF is being made."))


@bp.get("/certificates/<int:certificate_id>.pdf")
@requires(Permission.OWN_ACCOUNT)
def pdf(certificate_id: int) -> ResponseReturnValue:
    """The bytes that were given out, to the student and to the office."""
    paper, by = service.document(certificate_id, for_=current_user), current_user.id
    if by != paper.holder_id:  # the holder's own download is no disclosure
        audit.record("certificate.downloaded", by=by, subject=("certificate", certificate_id))
    return _download(paper.data, "application/pdf", f"{paper.serial}.pdf")


@bp.get("/certificates/<int:certificate_id>/record.json")
@requires(Permission.OWN_ACCOUNT)
def document_record(certificate_id: int) -> ResponseReturnValue:
    """The signed record of the file's bytes: beside the PDF it proves that the file is the school's, byte for byte."""
    row = service.get(certificate_id, for_=current_user)
    if row.document is None:
        raise NotFound
    text = bundle_text(ledger.record(row.document.entry_seq))
    return _download(text.encode(), "application/json", f"{row.serial}.record.json")


def _download(data: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, mimetype=kind, headers=headers)


@bp.route("/certificates/<int:certificate_id>/revoke", methods=["GET", "POST"])
@requires(Permission.REVOKE_CERTIFICATES)
@once
def revoke(certificate_id: int) -> ResponseReturnValue:
    row = service.get(certificate_id, for_=current_user)
    if row.revocation is not None:
        return redirect(url_for(".show", certificate_id=certificate_id), 303)
    form = RevokeForm(act=("revoke", row.id), person=current_user)
    if form.validate_on_submit() and _proved(form):
        by = current_user.id
        with db.write():
            service.revoke(certificate_id, reason=Reason(form.reason.data), words=form.words.data or "", by=by)
            return done(url_for(".show", certificate_id=certificate_id), _("The certificate is revoked."))
    return render_template(
        "certificates/revoke.html", form=form, certificate=row, printed=service.printed_names([row])[row.id]
    ), 422 if form.errors else 200


def _proved(form: RevokeForm) -> bool:
    code = form.code.data if "code" in form else None
    if accounts.reauthenticate(current_user, form.password.data or "", code):
        return True
    form.password.errors = [_("This password is not right. Type it again.")]
    return False


# ---- for everybody ----------------------------------------------------------------------------------------------
@bp.route("/verify", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def verify() -> ResponseReturnValue:
    """By serial and printed name; who has the paper scans its code and comes to `verify_token`."""
    form = VerifyForm()
    if not form.validate_on_submit():
        return render_template("certificates/verify.html", form=form), 422 if form.errors else 200
    address = request.remote_addr or ""
    found = verifying.by_serial(form.serial.data or "", form.name.data or "", address=address)
    if found is None:
        return render_template("certificates/not_found.html", form=form), 404
    return redirect(url_for(".verify_token", token=found.token), 303)


@bp.route("/VERIFY/<token>", methods=["GET", "POST"])  # as the QR code spells it
@bp.route("/verify/<token>", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def verify_token(token: str) -> ResponseReturnValue:
    found = verifying.by_token(token)
    if found is None:
        return render_template("certificates/not_found.html", form=VerifyForm(formdata=None)), 404
    form, same = FileForm(), None
    if form.is_submitted():
        verifying.limit_checks(request.remote_addr or "")
        if form.validate():
            same = found.made(form.file.data.read())  # compared and forgotten: nothing of it is kept
    return render_template("certificates/verified.html", found=found, form=form, same=same), 422 if form.errors else 200
