from typing import Any

from wtforms import Field, RadioField
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from lms.forms import Form, SelectChoice
from lms.i18n import _, lazy
from lms.quizzes.rules import ReleaseReason
from lms.quizzes.words import RELEASE_REASONS


class AnswerField(Field):
    """Whatever was chosen or typed, as a list; which of it is an answer, the service decides."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [str(value) for value in valuelist]

    def refuse(self, sentence: str) -> None:
        self.errors = [*self.errors, sentence]


class AnswerForm(Form):
    """Saving is idempotent by nature: the newest answer stands, and the same one twice is one."""

    answer = AnswerField(lazy("Your answer"))


class StartForm(Form):
    """Nothing to fill in: starting is the act."""


class SubmitForm(Form):
    """Nothing to fill in: handing in is the act."""


class ReleaseForm(Form):
    """A reason from a list, and no words: what is written about a student there could never be erased."""

    reason = RadioField(
        lazy("Reason"),
        choices=[SelectChoice(one.value, RELEASE_REASONS[one]) for one in ReleaseReason],
        validate_choice=False,  # the sentence below says it better
    )

    def validate_reason(self, field: RadioField) -> None:
        if field.data not in list(ReleaseReason):
            raise ValidationError(_("Choose a reason."))
