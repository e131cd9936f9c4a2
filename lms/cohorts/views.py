from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lms import audit
from lms.access import Permission, Role
from lms.accounts.login import current_user, names_of, requires
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.cohorts import rules, service
from lms.cohorts.forms import CohortForm, EnrolForm, EnrolKnownForm, MoveForm, SignStatementForm
from lms.cohorts.models import Cohort
from lms.cohorts.rules import CohortState, EnrolmentState, MoveReason
from lms.cohorts.words import COHORT_ACTS, COHORT_STATES, ENROLMENT_STATES, happened
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.forms import SelectChoice
from lms.i18n import _, language
from lms.idempotency import done, once

bp = Blueprint("cohorts", __name__)


@bp.get("/cohorts")
@requires(Permission.SEE_COHORTS)
def index() -> ResponseReturnValue:
    rows = list(
        db.session.scalars(service.visible_to(current_user).order_by(Cohort.starts_on.desc(), Cohort.id.desc()))
    )
    return render_template(
        "cohorts/index.html",
        cohorts=rows,
        sizes=service.sizes([row.id for row in rows]),
        states=COHORT_STATES,
    )


@bp.route("/cohorts/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_COHORTS)
@once
def create() -> ResponseReturnValue:
    form = _offered(CohortForm())
    if form.validate_on_submit():
        with db.write():
            cohort = service.create(**_typed(form), course_version_id=form.course_version_id.data, by=current_user.id)
            return done(
                url_for(".show", cohort_id=cohort.id),
                _("The cohort is a draft until you open its enrollment."),
            )
    return render_template("cohorts/edit.html", form=form, cohort=None), 422 if form.errors else 200


@bp.route("/cohorts/<int:cohort_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_COHORTS)
@once
def edit(cohort_id: int) -> ResponseReturnValue:
    cohort = service.get(cohort_id, for_=current_user)
    saved = {name: getattr(cohort, name) for name in ("name", "starts_on", "ends_on", "room")}
    saved["instructors"] = [person.id for person in service.instructors_of(cohort_id)]
    form = _offered(CohortForm(data=saved, act=("cohort", cohort.id, cohort.version), version=cohort.version))
    del form.course_version_id
    if form.validate_on_submit():
        with db.write():
            service.change(cohort_id, **_typed(form), version=form.sent_version, by=current_user.id)
            return done(url_for(".show", cohort_id=cohort_id), _("Saved."))
    return render_template("cohorts/edit.html", form=form, cohort=cohort), 422 if form.errors else 200


def _offered(form: CohortForm) -> CohortForm:
    versions = catalog.list_versions()
    titles = {v.id: f"{catalog.edition(v.id).edition_title.get(language())} ({v.number})" for v in versions}
    people = db.session.scalars(select(User).filter_by(role=Role.INSTRUCTOR, active=True).order_by(User.sort_key))
    form.offer(versions, titles, people)
    return form


def _typed(form: CohortForm) -> dict[str, Any]:
    return {name: form.data[name] for name in ("name", "starts_on", "ends_on", "room", "instructors")}


@bp.get("/cohorts/<int:cohort_id>")
@requires(Permission.SEE_COHORTS)
def show(cohort_id: int) -> ResponseReturnValue:
    cohort = service.get(cohort_id, for_=current_user)
    return render_template(
        "cohorts/show.html",
        cohort=cohort,
        edition=catalog.edition(cohort.course_version_id),
        people=service.people_of(cohort_id),
        instructors=service.instructors_of(cohort_id),
        states=COHORT_STATES,
        enrolment_states=ENROLMENT_STATES,
        moves=[(state, COHORT_ACTS[state]) for state in CohortState if rules.cohort_may_move(cohort.state, state)],
    )


@bp.post("/cohorts/<int:cohort_id>/state")
@requires(Permission.MANAGE_COHORTS)
@once
def move_cohort(cohort_id: int) -> ResponseReturnValue:
    service.get(cohort_id, for_=current_user)
    wanted = request.form.get("state", "")
    if wanted not in list(CohortState):
        raise NotFound
    with db.write():
        service.move_cohort(cohort_id, CohortState(wanted), by=current_user.id)
        return done(url_for(".show", cohort_id=cohort_id), _("Saved."))


@bp.route("/cohorts/<int:cohort_id>/enrol", methods=["GET", "POST"])
@requires(Permission.MANAGE_COHORTS)
@once
def enrol(cohort_id: int) -> ResponseReturnValue:
    cohort = service.get(cohort_id, for_=current_user)
    form = EnrolForm()
    if form.validate_on_submit():
        try:
            with db.write():
                row = service.enrol_new(
                    cohort_id,
                    legal_name=form.legal_name.data or "",
                    email=form.email.data or None,
                    locale=form.locale.data,
                    by=current_user.id,
                )
                return done(url_for(".enrolment", enrolment_id=row.id), _("Enrolled."))
        except RuleBroken as refused:
            form.form_errors.append(str(refused))
    return render_template("cohorts/enrol.html", form=form, cohort=cohort), 422 if form.errors else 200


@bp.route("/cohorts/<int:cohort_id>/enrol-known", methods=["GET", "POST"])
@requires(Permission.MANAGE_COHORTS)
@once
def enrol_known(cohort_id: int) -> ResponseReturnValue:
    cohort = service.get(cohort_id, for_=current_user)
    people, form = service.not_yet_in(cohort_id), EnrolKnownForm()
    form.offer(people)
    if form.validate_on_submit():
        with db.write():
            row = service.enrol(cohort_id, form.user_id.data, by=current_user.id)
            return done(url_for(".enrolment", enrolment_id=row.id), _("Enrolled."))
    page = {"form": form, "cohort": cohort, "people": people}
    return render_template("cohorts/enrol_known.html", **page), 422 if form.errors else 200


@bp.get("/enrolments/<int:enrolment_id>")
@requires(Permission.SEE_COHORTS)
def enrolment(enrolment_id: int) -> ResponseReturnValue:
    row = service.enrolment(enrolment_id, for_=current_user)
    audit.record("record.viewed", by=current_user.id, subject=("enrolment", enrolment_id))
    row, events = service.enrolment(enrolment_id, for_=current_user), service.history(enrolment_id)
    return render_template(
        "cohorts/enrolment.html",
        history=[(event, happened(event)) for event in reversed(events)],
        people=names_of(event.actor_id for event in events),
        enrolment=row,
        edition=catalog.edition(row.course_version_id),
        state=ENROLMENT_STATES[row.state],
        signed=service.signed_statement_keys([row.id])[row.id],
        keys=service.STATEMENT_KEYS,
        movable=bool(rules.ENROLMENT_MOVES[row.state] - {EnrolmentState.AWARDED}),
    )


@bp.route("/enrolments/<int:enrolment_id>/state", methods=["GET", "POST"])
@requires(Permission.MANAGE_COHORTS)
@once
def move(enrolment_id: int) -> ResponseReturnValue:
    row = service.enrolment(enrolment_id, for_=current_user)
    form = MoveForm(act=("move", row.id, row.version))
    wanted = [s for s in EnrolmentState if rules.may_move(row.state, s) and s is not EnrolmentState.AWARDED]
    form.state.choices = [SelectChoice(state.value, ENROLMENT_STATES[state]) for state in wanted]
    if form.validate_on_submit():
        with db.write():
            service.move(
                enrolment_id,
                EnrolmentState(form.state.data),
                by=current_user.id,
                reason=MoveReason(form.reason.data),
            )
            return done(url_for(".enrolment", enrolment_id=enrolment_id), _("Saved."))
    return render_template("cohorts/move.html", form=form, enrolment=row), 422 if form.errors else 200


@bp.route("/statements/<int:statement_id>/sign", methods=["GET", "POST"])
@requires(Permission.LEARN)
@once
def sign_statement(statement_id: int) -> ResponseReturnValue:
    row = service.current_enrolment(current_user)
    if row is None:
        raise NotFound
    text = next((t for t in service.statements_to_sign(row) if t.id == statement_id), None)
    if text is None:
        return render_template("cohorts/signed_already.html", statement=service.signed_text(row.id, statement_id))
    form = SignStatementForm(act=("statement", row.id, statement_id))
    if form.validate_on_submit():
        with db.write():
            service.sign_statement(row.id, statement_id, language=language(), by=current_user.id)
            return done("/home", _("Signed."))
    return render_template("cohorts/statement.html", form=form, statement=text), 422 if form.errors else 200
