from typing import Any
from zoneinfo import available_timezones

from wtforms import DateField, Field, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, StopValidation, ValidationError

from lms.forms import Form, SelectChoice, mail_address, trim
from lms.i18n import _, lazy
from lms.school.rules import LIMITS, Approval
from lms.school.words import choices

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


class PolicyForm(Form):
    """One rule; `policy_form` adds the field that its value needs."""

    value: Field
    effective_from = DateField(lazy("In force from"), [InputRequired()])
    source = StringField(lazy("Where this rule comes from"), [InputRequired(), Length(max=200)], filters=[trim])

    @property
    def chosen(self) -> object:
        return {"yes": True, "no": False}.get(self.value.data, self.value.data)


def policy_form(key: str) -> type[PolicyForm]:
    class RuleForm(PolicyForm):
        value = _value_field(key)

    return RuleForm


def _value_field(key: str) -> Any:
    if key in LIMITS:
        return IntegerField(lazy("New value"), [InputRequired(), Within(*LIMITS[key])])
    offered = [SelectChoice(code, words) for code, words in choices(key).items()]
    return RadioField(lazy("New value"), validators=[InputRequired(lazy("Choose one."))], choices=offered)


class Within:
    """Validator: a whole number in this range, said in one sentence whatever was typed instead."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high, self.field_flags = low, high, {"min": low, "max": high}

    def __call__(self, _form: Form, field: Field) -> None:
        typed = "".join(field.raw_data or ()).strip()
        if not (typed.isascii() and typed.isdigit() and field.data is not None and self.low <= field.data <= self.high):
            field.errors = []
            raise StopValidation(_("Type a whole number from %(low)s to %(high)s.", low=self.low, high=self.high))


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
