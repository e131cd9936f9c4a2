"""What the school may be, and which rules it may set. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Approval(StrEnum):
    APPROVED = "approved"
    EXEMPT = "exempt"
    PENDING = "pending"
    NONE = "none"


def may_open_enrolment(approval: str, reference: str) -> bool:
    """No enrolment opens without an approval or an exemption that has a reference."""
    return approval in (Approval.APPROVED, Approval.EXEMPT) and bool(reference.strip())


@dataclass(frozen=True)
class PolicyDefault:
    """A rule that holds until the school sets its own; `source` says where it comes from."""

    value: Any
    source: str


DESIGN = "course design"
DEFAULTS: Mapping[str, PolicyDefault] = {
    "quiz_attempts": PolicyDefault(3, DESIGN),
    "quiz_wait_minutes": PolicyDefault(30, DESIGN),
    "idle_limit_minutes": PolicyDefault(5, DESIGN),
    "lesson_time_cap_percent": PolicyDefault(150, DESIGN),
    "daily_cap_minutes": PolicyDefault(480, DESIGN),
    "skill_tries": PolicyDefault(3, DESIGN),
    "legal_name_days": PolicyDefault(30, DESIGN),
    "staff_second_factor": PolicyDefault(True, DESIGN),
    "reauthentication_minutes": PolicyDefault(0, DESIGN),
    "assessment_language": PolicyDefault("both", DESIGN),
    "name_on_verify_page": PolicyDefault("full", DESIGN),
    # clauses whose features are not built: off, and the board says so
    "require_practice_log": PolicyDefault(False, DESIGN),
    "require_reviewer_countersign": PolicyDefault(False, DESIGN),
    "require_final_exam": PolicyDefault(False, DESIGN),
    "require_final_practical": PolicyDefault(False, DESIGN),
    "require_cpr_card": PolicyDefault(False, DESIGN),
    "require_no_open_case": PolicyDefault(False, DESIGN),
    "require_two_person_issue": PolicyDefault(False, DESIGN),
}


CHOICES: Mapping[str, tuple[str, ...]] = {
    "assessment_language": ("en", "es", "both"),
    "name_on_verify_page": ("full", "initials"),
}
UNBUILT = frozenset(key for key in DEFAULTS if key.startswith("require_"))
SETTABLE = tuple(key for key in DEFAULTS if key not in UNBUILT)
LIMITS: Mapping[str, tuple[int, int]] = {
    "quiz_attempts": (1, 20),
    "quiz_wait_minutes": (0, 10080),
    "idle_limit_minutes": (1, 30),
    "lesson_time_cap_percent": (100, 300),
    "daily_cap_minutes": (60, 720),
    "skill_tries": (1, 20),
    "legal_name_days": (1, 365),
    "reauthentication_minutes": (0, 15),
}


def fits(key: str, value: Any) -> bool:
    """Whether a policy may have this value; clauses that are not built yet stay off."""
    if key in UNBUILT:
        return value is False
    if key in CHOICES:
        return value in CHOICES[key]
    if key in LIMITS:
        low, high = LIMITS[key]
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return isinstance(value, bool)


def may_begin(day: date, *, today: date, first: bool) -> bool:
    """Nothing takes effect in the past; only the first of its kind may say since when it has held."""
    return first or day >= today
