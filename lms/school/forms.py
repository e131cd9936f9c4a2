from zoneinfo import available_timezones

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from lms.forms import Form, SelectChoice, mail_address, trim
from lms.i18n import _, lazy
from lms.school.rules import CHOICES, DEFAULTS, LIMITS, UNBUILT, Approval, fits

APPROVALS = [
    (Approval.APPROVED, lazy("Approved")),
    (Approval.EXEMPT, lazy("Exempt from approval")),
    (Approval.PENDING, lazy("Applied for, not decided")),
    (Approval.NONE, lazy("None yet")),
]


class SchoolForm(Form):
    name = StringField(lazy("Name"), [InputRequired(), Length(max=80)], filters=[trim])
    legal_name = StringField(lazy("Legal name"), [InputRequired(), Length(max=120)], filters=[trim])
    address = StringField(lazy("Address"), [InputRequired(), Length(max=160)], filters=[trim])
    phone = StringField(lazy("Phone"), [InputRequired(), Length(max=40)], filters=[trim])
    email = StringField(lazy("Email for questions"), [InputRequired(), mail_address, Length(max=160)], filters=[trim])
    website = StringField(lazy("Website"), [Optional(), Length(max=120)], filters=[trim])
    zone = SelectField(lazy("Time zone"), choices=[SelectChoice(z, z) for z in sorted(available_timezones())])
    serial_prefix = StringField(
        lazy("First letters of serials"),
        [InputRequired(), Regexp(r"^[A-Z]{2,5}$", message=lazy("Two to five capital letters, as in LGS."))],
        filters=[trim],
    )
    approval = RadioField(lazy("Approval of the school"), choices=[SelectChoice(k, v) for k, v in APPROVALS])
    approval_reference = StringField(
        lazy("Number or letter of the approval or exemption"), [Length(max=120)], filters=[trim]
    )
    approval_sentence = TextAreaField(lazy("Sentence printed on documents"), [Length(max=200)], filters=[trim])

    def validate_serial_prefix(self, field: StringField) -> None:
        if field.data in ("PTA", "RMT", "LMT", "CMT"):
            raise ValidationError(_("These letters are a title; a serial may not look like one."))

    def validate_approval_sentence(self, field: TextAreaField) -> None:
        if self.approval.data in (Approval.APPROVED, Approval.EXEMPT) and not field.data:
            raise ValidationError(_("Write the sentence that documents must print for this status."))

    @property
    def changes(self) -> dict[str, str]:
        return {name: self.data[name] for name in FIELDS}


FIELDS = (
    "name",
    "legal_name",
    "address",
    "phone",
    "email",
    "website",
    "zone",
    "serial_prefix",
    "approval",
    "approval_reference",
    "approval_sentence",
)
POLICY_NAMES = {
    "quiz_attempts": lazy("Tries at a graded quiz"),
    "quiz_wait_minutes": lazy("Minutes to wait before the next try at a quiz"),
    "idle_limit_minutes": lazy("Minutes without activity that still count as reading"),
    "lesson_time_cap_percent": lazy("Largest share of a lesson's planned minutes that counts"),
    "daily_cap_minutes": lazy("Most online theory minutes that count in a day"),
    "skill_tries": lazy("Tries at a skill"),
    "legal_name_days": lazy("Days a confirmed legal name stays good"),
    "staff_second_factor": lazy("Staff must use a second factor"),
    "reauthentication_minutes": lazy("Minutes until a signature asks for the password again"),
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
SETTABLE = [key for key in DEFAULTS if key not in UNBUILT]


def read_value(key: str, text: str) -> object:
    """What was typed as the policy's own type; None where it is none."""
    if key in LIMITS:
        return int(text) if text.isascii() and text.isdigit() else None
    if key in CHOICES:
        return text
    return {"yes": True, "no": False}.get(text)


class PolicyForm(Form):
    key = SelectField(lazy("Rule"), choices=[SelectChoice(key, POLICY_NAMES[key]) for key in SETTABLE])
    value = StringField(lazy("New value"), [InputRequired(), Length(max=20)], filters=[trim])
    effective_from = DateField(lazy("In force from"), [InputRequired()])
    source = StringField(lazy("Where this rule comes from"), [InputRequired(), Length(max=200)], filters=[trim])

    def validate_value(self, field: StringField) -> None:
        key = self.key.data
        if fits(key, read_value(key, field.data or "")):
            return
        if key in LIMITS:
            raise ValidationError(
                _("Type a whole number from %(low)s to %(high)s.", low=LIMITS[key][0], high=LIMITS[key][1])
            )
        words = ", ".join(CHOICES.get(key, ("yes", "no")))
        raise ValidationError(_("Type one of these words: %(words)s.", words=words))


class StatementForm(Form):
    text_en = TextAreaField(lazy("Text in English"), [InputRequired(), Length(min=20, max=3000)])
    text_es = TextAreaField(lazy("Text in Spanish"), [InputRequired(), Length(min=20, max=3000)])
    short_en = StringField(lazy("Short text for documents, in English"), [Optional(), Length(max=300)], filters=[trim])
    short_es = StringField(lazy("Short text for documents, in Spanish"), [Optional(), Length(max=300)], filters=[trim])
    effective_from = DateField(lazy("In force from"), [InputRequired()])
    source = StringField(lazy("Source"), [InputRequired(), Length(max=300)], filters=[trim])


class SignatoryForm(Form):
    name = StringField(lazy("Name"), [InputRequired(), Length(max=80)], filters=[trim])
    title_en = StringField(lazy("Title in English"), [InputRequired(), Length(max=60)], filters=[trim])
    title_es = StringField(lazy("Title in Spanish"), [InputRequired(), Length(max=60)], filters=[trim])
    credential = StringField(lazy("Credential number"), [Optional(), Length(max=40)], filters=[trim])
