"""What the school's rules and statements are called on pages, and their values in words."""

from collections.abc import Mapping

from lms.i18n import _, lazy, ngettext
from lms.school.rules import CHOICES

POLICY_NAMES = {
    "quiz_attempts": lazy("Tries at a graded quiz"),
    "quiz_wait_minutes": lazy("Wait before the next try at a quiz"),
    "idle_limit_minutes": lazy("Time without activity that still counts as reading"),
    "lesson_time_cap_percent": lazy("Largest share of a lesson's planned time that counts"),
    "daily_cap_minutes": lazy("Most online theory that counts in a day"),
    "skill_tries": lazy("Tries at a skill"),
    "legal_name_days": lazy("How long a confirmed legal name stays good"),
    "staff_second_factor": lazy("Staff must use a second factor"),
    "reauthentication_minutes": lazy("Time until a signature asks for the password again"),
    "assessment_language": lazy("Language of graded items"),
    "name_on_verify_page": lazy("Name on the public verify page"),
    "require_practice_log": lazy("Practice log before a skill"),
    "require_reviewer_countersign": lazy("Second examiner's countersign"),
    "require_final_exam": lazy("Final theory exam"),
    "require_final_practical": lazy("Final practical"),
    "require_cpr_card": lazy("CPR card on file"),
    "require_no_open_case": lazy("No open case"),
    "require_two_person_issue": lazy("Two people for each certificate"),
}
CHOICE_WORDS: Mapping[str, Mapping[str, str]] = {
    "assessment_language": {
        "en": lazy("English only"),
        "es": lazy("Spanish only"),
        "both": lazy("Both languages"),
    },
    "name_on_verify_page": {"full": lazy("Full name"), "initials": lazy("Initials")},
}
STATEMENT_TITLES = {
    "does-not-license": lazy("What this course does and does not allow"),
    "honour": lazy("Honor statement"),
    "training-partner": lazy("Training partner consent"),
}


def choices(key: str) -> dict[str, str]:
    """What a form offers for a rule that is no number: the code it sends, and its words."""
    if key in CHOICES:
        return {code: str(CHOICE_WORDS[key][code]) for code in CHOICES[key]}
    return {"yes": _("Yes"), "no": _("No")}


def said(key: str, value: object) -> str:
    """The value of a rule in words: “3 tries”, “Yes”, “Both languages”."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if key in CHOICES:
        return str(CHOICE_WORDS[key][str(value)])
    return _amount(key, int(str(value)))


def _amount(key: str, number: int) -> str:
    if number == 0 and key == "quiz_wait_minutes":
        return _("No wait")
    if number == 0 and key == "reauthentication_minutes":
        return _("Every signature asks")
    if key.endswith("_minutes"):
        return ngettext("%(num)s minute", "%(num)s minutes", number)
    if key.endswith("_percent"):
        return _("%(num)s percent", num=number)
    if key.endswith("_days"):
        return ngettext("%(num)s day", "%(num)s days", number)
    return ngettext("%(num)s try", "%(num)s tries", number)


def unit(key: str) -> str:
    """What the number of a rule counts."""
    if key.endswith("_minutes"):
        return _("minutes")
    if key.endswith("_percent"):
        return _("percent")
    return _("days") if key.endswith("_days") else _("tries")
