"""Skills of a student, skills of a cohort, and which sheet to open next."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.access import Permission, Role
from lms.accounts.login import current_user, requires
from lms.catalog import service as catalog
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.errors import NotFound
from lms.i18n import language
from lms.idempotency import done, once
from lms.ids import row_id
from lms.practicals import service
from lms.practicals.forms import OpenForm
from lms.practicals.rules import State
from lms.practicals.service import SkillStanding
from lms.practicals.views.blueprint import bp
from lms.practicals.words import STATES, closed_because

SHOWN = (State.SIGNED, State.HALF)


@bp.get("/skills")
@requires(Permission.LEARN)
def mine() -> ResponseReturnValue:
    """A student's skills, by what they wait for."""
    enrolment = cohorts.current_enrolment(current_user)
    rows = service.standing(enrolment) if enrolment else []
    return render_template(
        "practicals/mine.html",
        rows=rows,
        signed=sum(row.state in SHOWN for row in rows),
        by_state={state.value: [row for row in rows if row.state is state] for state in State},
        because=_because(enrolment, rows) if enrolment else {},
        lang=language(),
    )


def _because(enrolment: Enrolment, rows: list[SkillStanding]) -> dict[str, str]:
    """What opens each skill that is closed now."""
    edition = catalog.edition(enrolment.course_version_id)
    return {row.skill.id: closed_because(row.opening, edition) for row in rows if not row.opening.is_open}


@bp.get("/cohorts/<int:cohort_id>/skills")
@requires(Permission.SEE_COHORTS)
def cohort(cohort_id: int) -> ResponseReturnValue:
    """Students by skills; each cell leads to the sheet, or to a new one."""
    row = cohorts.get(cohort_id, for_=current_user)
    people = [one for one in cohorts.people_of(cohort_id) if one.state is not EnrolmentState.WITHDRAWN]
    standings = service.standings(people)
    skills = catalog.edition(row.course_version_id).skills
    return render_template(
        "practicals/cohort.html",
        cohort=row,
        people=people,
        standings={key: {one.skill.id: one for one in ones} for key, ones in standings.items()},
        skills=skills,
        signed={key: sum(one.state in SHOWN for one in ones) for key, ones in standings.items()},
        totals=[
            sum(one.skill.id == skill.id and one.state in SHOWN for ones in standings.values() for one in ones)
            for skill in skills
        ],
        states=STATES,
        examiner=current_user.role is Role.INSTRUCTOR,
        lang=language(),
    )


@bp.route("/sheets/new", methods=["GET", "POST"])
@requires(Permission.SIGN_PRACTICALS)
@once
def new() -> ResponseReturnValue:
    """Choose a skill for a student, then open its sheet."""
    enrolment = cohorts.enrolment(request.args.get("enrolment", 0, row_id), for_=current_user)
    rows, wanted = service.standing(enrolment), request.args.get("skill")
    chosen = next((row for row in rows if row.skill.id == wanted), None)
    if wanted and chosen is None:
        raise NotFound
    form = OpenForm(act=("open", enrolment.id, wanted, chosen.opening.tries if chosen else 0))
    if chosen and form.validate_on_submit():
        with db.write():
            sheet = service.open_sheet(enrolment.id, chosen.skill.id, by=current_user.id)
            return done(url_for(".show", sheet_id=sheet.id))
    return render_template(
        "practicals/new.html",
        enrolment=enrolment,
        rows=rows,
        chosen=chosen,
        form=form,
        because=_because(enrolment, rows),
        unable=service.unable_to_sign(chosen.skill, current_user.id) if chosen else None,
        lang=language(),
    ), 422 if form.errors else 200
