from collections.abc import Iterable
from itertools import groupby

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lms import audit
from lms.access import Permission
from lms.accounts.login import current_user, names_of, requires
from lms.catalog import service as catalog
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import LEARNING
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.hours import rules, service
from lms.hours.forms import DecideForm, RosterForm
from lms.hours.models import ClockEntry
from lms.hours.words import KINDS, told
from lms.i18n import _, language, ngettext
from lms.idempotency import done, once
from lms.ids import row_id
from lms.school import service as school

bp = Blueprint("hours", __name__)
PAGE = 200  # entries to decide at once


def _told(entries: list[ClockEntry]) -> dict[int, str]:
    """{entry: who proposed and who decided it}."""
    names = names_of(
        who for row in entries for who in (row.proposed_by_id, row.decision and row.decision.decided_by_id)
    )
    return {row.id: told(row, names) for row in entries}


@bp.get("/hours")
@requires(Permission.LEARN)
def mine() -> ResponseReturnValue:
    enrolment = cohorts.current_enrolment(current_user)
    if enrolment is None:
        raise NotFound
    entries = service.entries_of(enrolment.id, for_=current_user)
    return render_template(
        "hours/mine.html",
        enrolment=enrolment,
        entries=entries,
        told=_told(entries),
        approved=service.approved_minutes([enrolment.id])[enrolment.id],
        planned=catalog.edition(enrolment.course_version_id).minutes_by_kind,
        kinds=KINDS,
        recorded=sum(service.reading_to_propose(enrolment).values()),
    )


@bp.route("/cohorts/<int:cohort_id>/roster", methods=["GET", "POST"])
@requires(Permission.PROPOSE_HOURS)
@once
def roster(cohort_id: int) -> ResponseReturnValue:
    cohort = cohorts.get(cohort_id, for_=current_user)
    people = [row for row in cohorts.people_of(cohort_id) if row.state in LEARNING]
    day = rules.day_of_class(first=cohort.starts_on, last=cohort.ends_on, today=school.today())
    form = RosterForm(held_on=day)
    form.offer(catalog.edition(cohort.course_version_id), people, language())
    if form.validate_on_submit():
        starts, ends = form.span(school.current().zone)
        minutes = int((ends - starts).total_seconds() // 60) - (form.breaks.data or 0)
        try:
            with db.write():
                service.propose_roster(
                    cohort_id,
                    kind=form.kind,
                    session_id=form.session_id,
                    held_on=form.held_on.data or school.today(),
                    starts=starts,
                    ends=ends,
                    minutes=dict.fromkeys(form.present.data or [], minutes),
                    by=current_user.id,
                )
                return done(
                    url_for(".roster", cohort_id=cohort_id),
                    _("The roster is stored. An instructor approves it."),
                )
        except RuleBroken as refused:
            form.form_errors.append(str(refused))
            cohort = cohorts.get(cohort_id, for_=current_user)
    return render_template("hours/roster.html", form=form, cohort=cohort), 422 if form.errors else 200


@bp.get("/hours/to-approve")
@requires(Permission.APPROVE_HOURS)
def to_approve() -> ResponseReturnValue:
    entries = service.waiting_for(current_user, PAGE + 1)
    shown = sorted(entries[:PAGE], key=_place)
    names = names_of(row.proposed_by_id for row in shown)
    return render_template(
        "hours/to_approve.html",
        cohorts=[(cohort, _by_student(rows)) for cohort, rows in groupby(shown, lambda row: row.enrolment.cohort)],
        more=len(entries) > PAGE,
        own=any(row.proposed_by_id == current_user.id for row in shown),
        form=DecideForm(),
        kinds=KINDS,
        people=names,
    )


def _place(entry: ClockEntry) -> tuple[int, str, int]:
    """By cohort, then by name; the enrolment parts two students of one name."""
    return entry.enrolment.cohort_id, entry.enrolment.user.sort_key, entry.enrolment_id


def _by_student(entries: Iterable[ClockEntry]) -> list[tuple[Enrolment, list[ClockEntry]]]:
    return [(enrolment, list(rows)) for enrolment, rows in groupby(entries, lambda row: row.enrolment)]


def _chosen() -> set[int]:
    """The entries ticked one by one, and those of the students ticked as a whole. What is no id is left out."""
    listed = (one for of_student in request.form.getlist("all_of") for one in of_student.split(","))
    return set(MultiDict({"id": [*request.form.getlist("entries"), *listed]}).getlist("id", type=row_id))


@bp.post("/hours/decide")
@requires(Permission.APPROVE_HOURS)
@once
def decide() -> ResponseReturnValue:
    if not (chosen := _chosen()):
        raise RuleBroken(_("Choose at least one entry."))
    if (decision := request.form.get("decision")) not in ("approve", "reject"):
        raise RuleBroken(_("Approve the chosen entries, or reject them."))
    approved = decision == "approve"
    with db.write():
        count = service.decide(chosen, approved=approved, by=current_user.id)
        words = (
            ngettext("%(num)s entry approved.", "%(num)s entries approved.", count)
            if approved
            else ngettext("%(num)s entry rejected.", "%(num)s entries rejected.", count)
        )
        return done(url_for(".to_approve"), words)


@bp.post("/enrolments/<int:enrolment_id>/hours/from-reading")
@requires(Permission.PROPOSE_HOURS)
@once
def propose_activity(enrolment_id: int) -> ResponseReturnValue:
    row = cohorts.enrolment(enrolment_id, for_=current_user)
    with db.write():
        service.propose_activity(enrolment_id, by=current_user.id)
        return done(url_for(".of_student", enrolment_id=row.id), _("The recorded reading waits for approval."))


@bp.get("/enrolments/<int:enrolment_id>/hours")
@requires(Permission.SEE_COHORTS)
def of_student(enrolment_id: int) -> ResponseReturnValue:
    row = cohorts.enrolment(enrolment_id, for_=current_user)
    audit.record("record.viewed", by=current_user.id, subject=("enrolment", enrolment_id))
    row = cohorts.enrolment(enrolment_id, for_=current_user)
    entries = service.entries_of(enrolment_id, for_=current_user)
    return render_template(
        "hours/of_student.html",
        enrolment=row,
        entries=entries,
        told=_told(entries),
        approved=service.approved_minutes([enrolment_id])[enrolment_id],
        planned=catalog.edition(row.course_version_id).minutes_by_kind,
        kinds=KINDS,
        recorded=sum(service.reading_to_propose(row).values()),
    )
