"""The one sentence of "why not yet" that student and admin both read, and what states and reasons are called."""

from lms.catalog.text import Text
from lms.certificates.eligibility import Clause, Group, Standing, Why
from lms.certificates.rules import Reason, Status
from lms.cohorts.words import STATEMENT_TITLES
from lms.i18n import _, hours, language, lazy, ngettext

STATES = {
    "leave": lazy("The enrollment is on leave: it must be active again."),
    "withdrawn": lazy("The enrollment was withdrawn."),
}
GROUPS = {
    Group.LEARNING: lazy("Lessons and quizzes"),
    Group.SKILLS: lazy("Skills signed"),
    Group.HOURS: lazy("Approved hours"),
    Group.PAPERS: lazy("Papers"),
}
STANDINGS = {
    Standing.READY: lazy("Ready"),
    Standing.LEARNING: lazy("Learning"),
    Standing.SKILLS: lazy("Skills"),
    Standing.HOURS: lazy("Hours"),
    Standing.PAPERS: lazy("Papers"),
    Standing.AWARDED: lazy("Awarded"),
    Standing.ENDED: lazy("Withdrawn"),
}
STATUSES = {
    Status.VALID: lazy("Valid"),
    Status.REVOKED: lazy("Revoked"),
    Status.SUPERSEDED: lazy("Replaced by a newer one"),
}
REASONS = {
    Reason.ISSUED_IN_ERROR: lazy("It was issued in error"),
    Reason.REQUIREMENT_INVALID: lazy("A requirement turned out not to be met"),
    Reason.INTEGRITY: lazy("A finding about honesty"),
    Reason.IDENTITY: lazy("A finding about identity"),
    Reason.REPLACED: lazy("A corrected one will replace it, as after a change of name"),
}
UNBUILT = {
    "require_practice_log": lazy("practice log"),
    "require_reviewer_countersign": lazy("countersign by a reviewer"),
    "require_final_exam": lazy("final theory exam"),
    "require_final_practical": lazy("final practical"),
    "require_cpr_card": lazy("CPR and AED card"),
    "require_no_open_case": lazy("open integrity cases"),
    "require_two_person_issue": lazy("second person at issue"),
}


def sentence(clause: Clause) -> str:
    """Why this clause does not hold yet."""
    match clause.why:
        case Why.QUIZ:
            return _("Quiz not passed yet: %(title)s.", title=_about(clause))
        case Why.SKILL:
            return _("Skill not signed yet: %(title)s.", title=_about(clause))
        case Why.THEORY:
            return _("%(have)s of %(need)s theory hours are approved.", **_hours(clause))
        case Why.LAB:
            return _("%(have)s of %(need)s lab hours are approved.", **_hours(clause))
        case Why.FINAL:
            return _("%(have)s of %(need)s hours of the final practical are approved.", **_hours(clause))
        case Why.PENDING:
            return ngettext(
                "%(num)s entry of hours waits for approval.", "%(num)s entries of hours wait for approval.", clause.have
            )
        case _:
            return _paper(clause)


def _paper(clause: Clause) -> str:
    match clause.why:
        case Why.STATEMENT:
            return _("Statement not signed yet: %(title)s.", title=_about(clause))
        case Why.NAME:
            return _("The legal name is not confirmed yet.")
        case Why.NAME_OLD:
            return _(
                "The legal name was confirmed more than %(days)s days ago: it must be confirmed again.",
                days=clause.have,
            )
        case Why.ADULT:
            return _("It is not stated yet that the student is 18 or older.")
        case Why.UNBUILT:
            return _("The school asks for this, and it cannot be recorded here yet: %(title)s.", title=_about(clause))
        case _:
            return str(STATES.get(str(clause.about), _("The enrollment is not active.")))


def title(clause: Clause) -> str:
    """What the clause is about, for a list of all of them."""
    match clause.why:
        case Why.QUIZ:
            return _("Quiz: %(title)s", title=_about(clause))
        case Why.SKILL | Why.STATEMENT | Why.UNBUILT:
            return _about(clause)
        case Why.THEORY | Why.LAB | Why.FINAL | Why.PENDING:
            return _hours_title(clause)
        case Why.ADULT:
            return _("18 or older")
        case Why.ENROLMENT:
            return _("Enrollment is active")
        case _:
            return _("Legal name confirmed")


def _hours_title(clause: Clause) -> str:
    match clause.why:
        case Why.THEORY:
            return _("Theory: %(need)s hours", need=hours(clause.need))
        case Why.LAB:
            return _("Supervised lab: %(need)s hours", need=hours(clause.need))
        case Why.FINAL:
            return _("Final practical: %(need)s hours", need=hours(clause.need))
        case _:
            return _("No hours wait for approval")


def _about(clause: Clause) -> str:
    if isinstance(clause.about, Text):
        return clause.about.get(language())
    return str(STATEMENT_TITLES.get(clause.about) or UNBUILT.get(clause.about) or clause.about)


def _hours(clause: Clause) -> dict[str, str]:
    return {"have": hours(clause.have), "need": hours(clause.need)}


def hour_count(minutes: int) -> int | float:
    """As `hours`, but a number without idle zeros: 18, 7.25."""
    quarters = minutes // 15
    return quarters // 4 if quarters % 4 == 0 else quarters / 4
