from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import DateTimeLocalField, PasswordField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, ValidationError

from lms import clock
from lms.catalog.types import Skill
from lms.errors import RuleBroken
from lms.forms import Form, trim, upright
from lms.i18n import _, lazy
from lms.practicals.rules import Changes, Mark

LONGEST_COMMENT, LONGEST_REASON = 2000, 300
WHY = "-why"  # the field beside a step that says why it does not apply
LOCAL = "%Y-%m-%dT%H:%M"


class OpenForm(Form):
    """One button: the sheet is opened for the student and skill of the address."""


class GradeForm(Form):
    """The hidden fields of the grading sheet; what was marked is read by `changes`."""


class DiscardForm(Form):
    """One button."""


class AmendForm(Form):
    why = StringField(
        lazy("What does it correct?"),
        [InputRequired(lazy("Say what the new sheet corrects.")), Length(max=LONGEST_REASON)],
        filters=[trim],
    )


class SignForm(Form):
    """`zone` is the school's, in which the time of watching is typed."""

    place = StringField(lazy("Where"), [InputRequired(lazy("Say where you watched.")), Length(max=80)], filters=[trim])
    observed = DateTimeLocalField(
        lazy("When you watched"), [InputRequired(lazy("Give the day and time."))], format=[LOCAL, "%Y-%m-%d %H:%M"]
    )
    password = PasswordField(
        lazy("Your password"), [InputRequired(lazy("Type your password to sign.")), Length(max=1024)]
    )
    code = StringField(
        lazy("Code from your app"), [InputRequired(lazy("Type the code from your app."))], filters=[trim]
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        self.zone = ZoneInfo(zone)
        now = clock.now().astimezone(self.zone).replace(second=0, microsecond=0, tzinfo=None)
        super().__init__(*args, **{"observed": now, **kwargs})

    @property
    def observed_at(self) -> datetime:
        return cast(datetime, self.observed.data).replace(tzinfo=self.zone)

    def validate_observed(self, _field: DateTimeLocalField) -> None:
        if self.observed.data and self.observed_at > clock.now():
            raise ValidationError(_("This time is in the future."))


class AnswerForm(Form):
    agreed = StringField(validators=[AnyOf(["yes", "no"])])
    words = TextAreaField(lazy("In your own words"), [Optional(), Length(max=LONGEST_COMMENT)])

    def validate_agreed(self, field: StringField) -> None:
        if field.data == "no" and not (self.words.data or "").strip():
            raise ValidationError(_("Write what is not right, in your own words."))


def changes(skill: Skill, sent: MultiDict[str, str], *, whole: bool) -> Changes:
    """What was entered on a grading sheet: all of it, or the fields of one tap. Raises RuleBroken for nonsense."""
    try:
        marks = {step.id: Mark(sent[step.id]) for step in skill.steps if step.id in sent}
        rating = int(sent["rating"]) if "rating" in sent else None
    except ValueError as nonsense:
        raise RuleBroken(_("This is not one of the choices.")) from nonsense
    reasons = {s.id: trim(sent[s.id + WHY])[:LONGEST_REASON] for s in skill.steps if s.id + WHY in sent}
    chips = tuple(sorted(set(sent.getlist("chips")))) if whole or sent.get("changed") == "chips" else None
    comment = upright(sent["comment"]).strip()[:LONGEST_COMMENT] if "comment" in sent else None
    return Changes(marks=marks, reasons=reasons, chips=chips, comment=comment, rating=rating)
