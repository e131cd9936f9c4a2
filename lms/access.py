"""Who may do what: the whole table of roles and permissions, on one screen."""

from enum import StrEnum


class Role(StrEnum):
    STUDENT = "student"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    PUBLIC = "public"  # nobody needs to sign in
    OWN_ACCOUNT = "own_account"  # every signed-in person, for what is theirs alone
    READ_COURSE = (
        "read_course"  # what the course says: figures, glossary, sources, evidence, checklists, printed lessons
    )
    REVIEW_COURSE = "review_course"  # what teaches and tests what
    LEARN = "learn"  # lessons, quizzes and the record of one's own enrolments
    COUNTERSIGN = "countersign"
    SIGN_PRACTICALS = "sign_practicals"
    PROPOSE_HOURS = "propose_hours"
    APPROVE_HOURS = "approve_hours"
    SEE_COHORTS = "see_cohorts"
    RELEASE_ATTEMPTS = "release_attempts"  # one more try of a quiz for who has used up theirs
    MANAGE_COHORTS = "manage_cohorts"  # create cohorts, enrol people, invite them
    MANAGE_PEOPLE = "manage_people"  # accounts, roles, staff credentials, ending sessions
    MANAGE_SCHOOL = "manage_school"  # settings, policies, statements, signatories
    SEE_CERTIFICATES = "see_certificates"
    ISSUE_CERTIFICATES = "issue_certificates"
    REVOKE_CERTIFICATES = "revoke_certificates"
    SEE_AUDIT = "see_audit"


P = Permission
EVERYBODY = {P.PUBLIC, P.OWN_ACCOUNT, P.READ_COURSE}
GRANTS: dict[Role, set[Permission]] = {
    Role.STUDENT: EVERYBODY | {P.LEARN, P.COUNTERSIGN},
    Role.INSTRUCTOR: EVERYBODY
    | {
        P.REVIEW_COURSE,
        P.SIGN_PRACTICALS,
        P.PROPOSE_HOURS,
        P.APPROVE_HOURS,
        P.SEE_COHORTS,
        P.RELEASE_ATTEMPTS,
    },
    Role.ADMIN: EVERYBODY
    | {
        P.REVIEW_COURSE,
        P.PROPOSE_HOURS,
        P.SEE_COHORTS,
        P.RELEASE_ATTEMPTS,
        P.MANAGE_COHORTS,
        P.MANAGE_PEOPLE,
        P.MANAGE_SCHOOL,
        P.SEE_CERTIFICATES,
        P.ISSUE_CERTIFICATES,
        P.REVOKE_CERTIFICATES,
        P.SEE_AUDIT,
    },
    Role.AUDITOR: EVERYBODY | {P.REVIEW_COURSE, P.SEE_COHORTS, P.SEE_CERTIFICATES, P.SEE_AUDIT},
}
STAFF = frozenset({Role.INSTRUCTOR, Role.ADMIN, Role.AUDITOR})


def allows(role: Role | None, permission: Permission) -> bool:
    """Deny by default: an unknown role may only see what is public."""
    return permission is Permission.PUBLIC or (role is not None and permission in GRANTS.get(role, set()))
