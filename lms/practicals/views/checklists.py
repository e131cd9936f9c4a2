"""Every skill of the course as its checklist: to read, and as paper."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.access import Permission, allows
from lms.accounts.login import current_user, requires
from lms.catalog import service as catalog
from lms.catalog.types import Edition, Skill, SpanishStatus
from lms.cohorts import service as cohorts
from lms.courses import service as courses
from lms.errors import NotFound
from lms.i18n import language
from lms.practicals import blank
from lms.practicals.rules import points_needed
from lms.practicals.views.blueprint import bp


def _skill(skill_id: str) -> tuple[Edition, Skill]:
    edition = courses.edition_for(current_user)
    try:
        return edition, edition.skill(skill_id)
    except KeyError as missing:
        raise NotFound from missing


@bp.get("/checklists")
@requires(Permission.READ_COURSE)
def checklists() -> ResponseReturnValue:
    edition = courses.edition_for(current_user)
    return render_template("practicals/checklists.html", edition=edition, lang=language())


@bp.get("/checklists/<skill_id>")
@requires(Permission.READ_COURSE)
def checklist(skill_id: str) -> ResponseReturnValue:
    edition, skill = _skill(skill_id)
    points = sum(step.points for step in skill.steps)
    return render_template(
        "practicals/checklist.html",
        edition=edition,
        skill=skill,
        points=points,
        needed=points_needed(skill, points),
        enrolled=cohorts.current_enrolment(current_user) is not None,
        examines=allows(current_user.role, Permission.REVIEW_COURSE),  # what an examiner looks for is no student's
        lang=language(),
    )


@bp.get("/CHECKLISTS/<skill_id>")
@requires(Permission.READ_COURSE)
def from_paper(skill_id: str) -> ResponseReturnValue:
    """As the QR code of the paper spells it."""
    return redirect(url_for(".checklist", skill_id=skill_id))


@bp.get("/checklists/<skill_id>.pdf")
@requires(Permission.READ_COURSE)
def blank_pdf(skill_id: str) -> ResponseReturnValue:
    edition, skill = _skill(skill_id)
    version, reviewed = courses.version_id_for(current_user), edition.spanish_status is SpanishStatus.REVIEWED
    data = blank.pdf(skill, catalog.get(version), language(), reviewed=reviewed)
    named = {"Content-Disposition": f'inline; filename="checklist-{skill.id}.pdf"'}
    return Response(data, mimetype="application/pdf", headers=named)
