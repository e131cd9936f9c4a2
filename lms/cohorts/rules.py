"""The lives of cohorts and enrolments. Pure."""

from enum import StrEnum


class CohortState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    RUNNING = "running"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class EnrolmentState(StrEnum):
    ACTIVE = "active"
    EXTENDED = "extended"
    LEAVE = "leave"
    WITHDRAWN = "withdrawn"
    AWARDED = "awarded"


class MoveReason(StrEnum):
    """Why the office moved an enrolment: a code, so that the audit log holds no words about a person."""

    ASKED = "asked"
    MORE_TIME = "more_time"
    BACK = "back"
    ABSENT = "absent"
    CONDUCT = "conduct"
    MISTAKE = "mistake"
    OTHER = "other"


C, E = CohortState, EnrolmentState
COHORT_MOVES: dict[CohortState, frozenset[CohortState]] = {
    C.DRAFT: frozenset({C.OPEN, C.CANCELLED}),
    C.OPEN: frozenset({C.RUNNING, C.CANCELLED}),
    C.RUNNING: frozenset({C.CLOSED}),
    C.CLOSED: frozenset(),
    C.CANCELLED: frozenset(),
}
ENROLMENT_MOVES: dict[EnrolmentState, frozenset[EnrolmentState]] = {
    E.ACTIVE: frozenset({E.EXTENDED, E.LEAVE, E.WITHDRAWN, E.AWARDED}),
    E.EXTENDED: frozenset({E.LEAVE, E.WITHDRAWN, E.AWARDED}),
    E.LEAVE: frozenset({E.ACTIVE, E.WITHDRAWN}),
    E.WITHDRAWN: frozenset(),
    E.AWARDED: frozenset(),
}
LEARNING = frozenset({E.ACTIVE, E.EXTENDED})
SEES_LESSONS = LEARNING | {E.AWARDED}


def may_move(old: EnrolmentState, new: EnrolmentState) -> bool:
    return new in ENROLMENT_MOVES[old]


def cohort_may_move(old: CohortState, new: CohortState) -> bool:
    return new in COHORT_MOVES[old]
