"""What states and acts of cohorts and enrolments are called on pages."""

from lms.cohorts.rules import CohortState, EnrolmentState
from lms.i18n import lazy
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
