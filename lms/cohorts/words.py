"""What states and acts of cohorts and enrolments are called on pages."""

from lms.audit import AuditEvent
from lms.cohorts.rules import CohortState, EnrolmentState, MoveReason
from lms.i18n import _, lazy
from lms.school.words import STATEMENT_TITLES as STATEMENT_TITLES

COHORT_STATES = {
    CohortState.DRAFT: lazy("Draft"),
    CohortState.OPEN: lazy("Enrollment open"),
    CohortState.RUNNING: lazy("Under way"),
    CohortState.CLOSED: lazy("Closed"),
    CohortState.CANCELLED: lazy("Cancelled"),
}
COHORT_ACTS = {
    CohortState.DRAFT: lazy("Back to draft"),
    CohortState.OPEN: lazy("Open enrollment"),
    CohortState.RUNNING: lazy("Start"),
    CohortState.CLOSED: lazy("Close"),
    CohortState.CANCELLED: lazy("Cancel this cohort"),
}
ENROLMENT_STATES = {
    EnrolmentState.ACTIVE: lazy("Active"),
    EnrolmentState.EXTENDED: lazy("Extended"),
    EnrolmentState.LEAVE: lazy("On leave"),
    EnrolmentState.WITHDRAWN: lazy("Withdrawn"),
    EnrolmentState.AWARDED: lazy("Awarded"),
}
MOVE_REASONS = {
    MoveReason.ASKED: lazy("The student asked for it"),
    MoveReason.MORE_TIME: lazy("The student needs more time"),
    MoveReason.BACK: lazy("The student is back"),
    MoveReason.ABSENT: lazy("The student stopped coming"),
    MoveReason.CONDUCT: lazy("A school rule was broken"),
    MoveReason.MISTAKE: lazy("The enrollment was a mistake"),
    MoveReason.OTHER: lazy("Another reason"),
}


def happened(event: AuditEvent) -> str:
    """A line of an enrolment's history: “On leave. The student asked for it.”"""
    what = event.action.removeprefix("enrolment.")
    state = _("Enrolled") if what == "created" else str(ENROLMENT_STATES[EnrolmentState(what)])
    why = event.detail.get("reason")
    return f"{state}. {MOVE_REASONS[MoveReason(why)]}." if why in list(MoveReason) else f"{state}."
