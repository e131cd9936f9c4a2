"""Who may mark and sign a sheet: asked again inside every write."""

from lms.accounts import service as accounts
from lms.accounts.models import StaffCredential
from lms.catalog import service as catalog
from lms.catalog.types import Skill
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import LEARNING
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.i18n import _
from lms.practicals.models import Sheet
from lms.school import service as school


def require(enrolment: Enrolment, by: int) -> None:
    """Raises NotFound for anyone who is not assigned now, RuleBroken for the student themself or a closed enrolment."""
    if not cohorts.is_instructor_of(enrolment.cohort_id, by):
        raise NotFound
    if enrolment.user_id == by:
        raise RuleBroken(_("Nobody marks their own sheet."))
    if enrolment.state not in LEARNING:
        raise RuleBroken(_("This enrollment is not active, so no sheet can be opened, marked or signed for it."))


def unsigned_sheet(sheet_id: int, by: int) -> tuple[Sheet, Enrolment]:
    """The sheet and its enrolment, held until the write ends, if `by` may mark and sign it now."""
    sheet = db.locked(Sheet, sheet_id)
    enrolment = db.locked(Enrolment, sheet.enrolment_id)
    require(enrolment, by)
    if sheet.signed_at is not None:
        raise RuleBroken(_("This sheet is signed. It can only be corrected by a new one."))
    if sheet.examiner_id != by:
        raise RuleBroken(_("Another examiner opened this sheet. Only they can mark and sign it."))
    return sheet, enrolment


def credential(skill: Skill, by: int) -> StaffCredential:
    """The credential in force today with which `by` signs this skill. Raises RuleBroken without one."""
    held = accounts.valid_credential(by, skill.signers, school.today())
    if held is None:
        raise RuleBroken(no_credential(skill))
    return held


def no_credential(skill: Skill) -> str:
    kinds = ", ".join(skill.signers)
    return _("You have no valid credential for this skill today (%(kinds)s). Ask the office.", kinds=kinds)


def skill_of(enrolment: Enrolment, skill_id: str) -> Skill:
    """The checklist as the enrolment's course version has it. Raises NotFound."""
    try:
        return catalog.edition(enrolment.course_version_id).skill(skill_id)
    except KeyError as missing:
        raise NotFound(f"skill {skill_id}") from missing
