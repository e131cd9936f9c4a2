from typing import Any

from wtforms import Field
from wtforms.widgets import TextInput

from lms.forms import Form
from lms.i18n import lazy


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
