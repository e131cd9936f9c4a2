"""Sheets: who sees them, how they are opened, marked and corrected. Signing stands in signing.py."""

from collections.abc import Mapping

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import joinedload

from lms import audit, clock
from lms.access import Role
from lms.accounts import service as accounts
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.types import Skill
from lms.cohorts import service as cohorts
from lms.cohorts.models import CohortInstructor, Enrolment
from lms.db import db
from lms.errors import Conflict, NotFound, RuleBroken
from lms.i18n import _
from lms.practicals import drafts, examiners, rules
from lms.practicals.drafts import Draft, draft_of, marks_of
from lms.practicals.models import Sheet, StepMark
from lms.practicals.rules import Changes, Mark
from lms.practicals.signing import answer, outcome_of, sign, to_mend
from lms.practicals.standing import SkillStanding, signed_on, signed_skills, standing, standings
from lms.practicals.words import closed_because
from lms.school import service as school

__all__ = [
    "Draft",
    "SkillStanding",
    "amend",
    "answer",
    "corrected_by",
    "discard",
    "draft_of",
    "get",
    "history",
    "mark",
    "marks_of",
    "open_sheet",
    "outcome_of",
    "rate",
    "save",
    "sign",
    "signed_on",
    "signed_skills",
    "standing",
    "standings",
    "unable_to_sign",
    "visible_to",
    "wanting",
    "words",
]


# ---- who sees what ----------------------------------------------------------------------------------------------
def visible_to(user: User) -> Select[Sheet]:
    """A student sees their signed sheets, an instructor those of the cohorts they are assigned to, the office all."""
    query = select(Sheet)
    if user.role is Role.STUDENT:
        own = select(Enrolment.id).filter_by(user_id=user.id)
        return query.where(Sheet.enrolment_id.in_(own), Sheet.signed_at.is_not(None))
    if user.role is Role.INSTRUCTOR:
        assigned = select(CohortInstructor.cohort_id).filter_by(user_id=user.id)
        return query.where(Sheet.enrolment_id.in_(select(Enrolment.id).where(Enrolment.cohort_id.in_(assigned))))
    return query


def get(sheet_id: int, *, for_: User) -> Sheet:
    """With its people, cohort and answer. Raises NotFound, also for a sheet that is not theirs to see."""
    query = visible_to(for_).where(Sheet.id == sheet_id)
    query = query.options(
        joinedload(Sheet.enrolment).joinedload(Enrolment.user),
        joinedload(Sheet.enrolment).joinedload(Enrolment.cohort),
        joinedload(Sheet.examiner),
        joinedload(Sheet.answer),
    )
    sheet = db.session.scalars(query).one_or_none()
    if sheet is None:
        raise NotFound(f"sheet {sheet_id}")
    return sheet


def history(sheet: Sheet, *, for_: User) -> list[Sheet]:
    """Every sheet of the same student and skill that this person may see, newest first."""
    query = visible_to(for_).filter_by(enrolment_id=sheet.enrolment_id, skill_id=sheet.skill_id)
    query = query.options(joinedload(Sheet.examiner))
    return list(db.session.scalars(query.order_by(Sheet.number.desc(), Sheet.revision.desc())))


def corrected_by(sheet_id: int) -> Sheet | None:
    """The signed sheet that corrects this one."""
    query = select(Sheet).where(Sheet.amends_id == sheet_id, Sheet.signed_at.is_not(None))
    return db.session.scalars(query).one_or_none()


def wanting(skill: Skill, sheet: Sheet) -> list[str]:
    """What an unsigned sheet still needs before it can be signed, as sentences."""
    return to_mend(skill, marks_of(sheet.id), draft_of(sheet), sheet.rating)


def unable_to_sign(skill: Skill, by: int) -> str | None:
    """Why this person's credentials do not sign the skill today."""
    held = accounts.valid_credential(by, skill.signers, school.today())
    return None if held else examiners.no_credential(skill)


# ---- opening ----------------------------------------------------------------------------------------------------
def open_sheet(enrolment_id: int, skill_id: str, *, by: int) -> Sheet:
    """A blank sheet for the student's next try; where one is open already, that one.

    Raises RuleBroken with what opens the skill, or where `by` could not sign it.
    """
    with db.write():
        enrolment = db.locked(Enrolment, enrolment_id)
        examiners.require(enrolment, by)
        skill = examiners.skill_of(enrolment, skill_id)
        if (unsigned := _unsigned(enrolment_id, skill_id)) is not None:
            return unsigned
        here = next(one for one in standing(enrolment) if one.skill.id == skill_id)
        if not here.opening.is_open:
            raise RuleBroken(closed_because(here.opening, catalog.edition(enrolment.course_version_id)))
        examiners.credential(skill, by)
        last = select(func.max(Sheet.number)).filter_by(enrolment_id=enrolment_id, skill_id=skill_id)
        sheet = _added(enrolment_id, skill, by, number=(db.session.scalar(last) or 0) + 1)
        audit.record("sheet.opened", by=by, subject=("sheet", sheet.id), skill=skill_id, number=sheet.number)
    return sheet


def _unsigned(enrolment_id: int, skill_id: str) -> Sheet | None:
    query = select(Sheet).filter_by(enrolment_id=enrolment_id, skill_id=skill_id, signed_at=None)
    return db.session.scalars(query).one_or_none()


def _added(
    enrolment_id: int, skill: Skill, by: int, *, number: int, revision: int = 0, amends_id: int | None = None
) -> Sheet:
    sheet = Sheet(
        enrolment_id=enrolment_id,
        skill_id=skill.id,
        skill_hash=skill.hash,
        number=number,
        revision=revision,
        amends_id=amends_id,
        examiner_id=by,
        opened_at=clock.now(),
    )
    db.session.add(sheet)
    db.session.flush()
    return sheet


def amend(sheet_id: int, *, why: str, by: int) -> Sheet:
    """A new sheet that will correct a signed one, begun with its marks; asking again gives the same.

    Only the examiner who watched can say what they saw. Raises RuleBroken.
    """
    with db.write():
        old = db.locked(Sheet, sheet_id)
        enrolment = db.locked(Enrolment, old.enrolment_id)
        examiners.require(enrolment, by)
        _require_correctable(old, by)
        unsigned = _unsigned(old.enrolment_id, old.skill_id)
        if unsigned is not None and unsigned.amends_id == old.id:
            return unsigned
        if unsigned is not None:
            raise RuleBroken(_("Another sheet of this skill is open. Sign or discard it first."))
        skill = examiners.skill_of(enrolment, old.skill_id)
        new = _added(old.enrolment_id, skill, by, number=old.number, revision=old.revision + 1, amends_id=old.id)
        _copy(old, new, why.strip())
        audit.record("sheet.correction_opened", by=by, subject=("sheet", new.id), corrects=old.id)
    return new


def _require_correctable(old: Sheet, by: int) -> None:
    if old.signed_at is None:
        raise RuleBroken(_("This sheet is not signed yet; change its marks instead."))
    if old.examiner_id != by:
        raise RuleBroken(_("Only the examiner who watched can correct this sheet."))
    if corrected_by(old.id) is not None:
        raise RuleBroken(_("This sheet was corrected already. Correct the newer one."))


def _copy(old: Sheet, new: Sheet, why: str) -> None:
    now, draft = clock.now(), draft_of(old)
    for step_id, given in marks_of(old.id).items():
        db.session.add(StepMark(sheet_id=new.id, step_id=step_id, mark=given.value, saved_at=now))
    drafts.keep(new.id, Draft(draft.comment, draft.chips, draft.reasons, draft.place, why))
    db.session.flush()


def discard(sheet_id: int, *, by: int) -> None:
    """Throw away a sheet that nobody signed: opened for the wrong skill, or by an examiner who went home."""
    with db.write():
        sheet = db.locked(Sheet, sheet_id)
        enrolment = db.locked(Enrolment, sheet.enrolment_id)
        if not cohorts.is_instructor_of(enrolment.cohort_id, by):
            raise NotFound
        if sheet.signed_at is not None:
            raise RuleBroken(_("This sheet is signed. It can only be corrected by a new one."))
        drafts.drop(sheet.id)
        db.session.execute(delete(StepMark).where(StepMark.sheet_id == sheet.id))
        audit.record("sheet.discarded", by=by, subject=("sheet", sheet.id), skill=sheet.skill_id)
        db.session.delete(sheet)


# ---- marking ----------------------------------------------------------------------------------------------------
def save(sheet_id: int, changes: Changes, *, by: int, version: int | None = None) -> Sheet:
    """Store what an examiner entered. Saving the same again changes nothing.

    A whole form names the `version` it was filled in over: Conflict where somebody saved other marks since.
    """
    with db.write():
        sheet, enrolment = examiners.unsigned_sheet(sheet_id, by)
        skill = examiners.skill_of(enrolment, sheet.skill_id)
        _check(skill, changes)
        marks, draft = marks_of(sheet_id), draft_of(sheet)
        new = {step: mark for step, mark in changes.marks.items() if marks.get(step) is not mark}
        rating = sheet.rating if changes.rating is None else changes.rating
        if not new and draft.changed(changes) == draft and rating == sheet.rating:
            return sheet
        if version is not None and version != sheet.version:
            raise Conflict({step: marks.get(step, "") for step in new} or _texts(draft, sheet), sheet.version)
        for step_id, given in new.items():
            db.session.merge(StepMark(sheet_id=sheet_id, step_id=step_id, mark=given.value, saved_at=clock.now()))
        drafts.keep(sheet_id, draft.changed(changes))
        sheet.rating, sheet.version = rating, sheet.version + 1
        audit.record("sheet.marked", by=by, subject=("sheet", sheet_id), steps=",".join(sorted(new)) or None)
    return sheet


def _texts(draft: Draft, sheet: Sheet) -> dict[str, str]:
    return {"comment": draft.comment, "rating": str(sheet.rating or "")}


def _check(skill: Skill, changes: Changes) -> None:
    steps, chips = {step.id: step for step in skill.steps}, {chip.id for chip in skill.chips}
    if (changes.marks.keys() | changes.reasons.keys()) - steps.keys() or set(changes.chips or ()) - chips:
        raise RuleBroken(_("This checklist has no such step or comment."))
    if wrong := [steps[key].number for key, mark in changes.marks.items() if not rules.may_mark(steps[key], mark)]:
        raise RuleBroken(_("Step %(n)s always applies.", n=wrong[0]))
    if changes.rating is not None and changes.rating not in rules.RATINGS:
        raise RuleBroken(_("The overall rating is a number from 1 to 5."))


def mark(sheet_id: int, step_id: str, given: Mark, *, by: int, reason: str = "") -> Sheet:
    """One step; `reason` says why it does not apply."""
    return save(sheet_id, Changes(marks={step_id: given}, reasons={step_id: reason}), by=by)


def words(
    sheet_id: int,
    *,
    by: int,
    comment: str | None = None,
    chips: tuple[str, ...] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Sheet:
    return save(sheet_id, Changes(reasons=reasons or {}, chips=chips, comment=comment), by=by)


def rate(sheet_id: int, rating: int, *, by: int) -> Sheet:
    return save(sheet_id, Changes(rating=rating), by=by)
