from flask_wtf.file import FileField, FileRequired
from wtforms import PasswordField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from lms.accounts.models import User
from lms.certificates.words import REASONS
from lms.forms import Form, SelectChoice, trim
from lms.i18n import LANGUAGES, lazy

OWN = "own"


class IssueForm(Form):
    language = RadioField(lazy("Language of the paper"), default=OWN)

    def offer(self) -> None:
        own = SelectChoice(OWN, lazy("Each student's own"))
        self.language.choices = [own, *(SelectChoice(k, v) for k, v in LANGUAGES.items())]


class RevokeForm(Form):
    reason = RadioField(lazy("Reason"), choices=[SelectChoice(k, v) for k, v in REASONS.items()])
    words = TextAreaField(
        lazy("What happened"),
        [DataRequired(lazy("Write what happened.")), Length(max=1000)],
        filters=[lambda text: (text or "").strip()],
    )
    password = PasswordField(lazy("Your password"), [InputRequired(lazy("Type your password."))])
    code = StringField(lazy("Code from your app"), [Length(max=40)], filters=[trim])

    def __init__(self, *args: object, person: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not person.has_second_factor:
            del self.code


class VerifyForm(Form):
    serial = StringField(lazy("Serial"), [DataRequired(lazy("Type the serial.")), Length(max=60)], filters=[trim])
    name = StringField(
        lazy("Name on the certificate"),
        [DataRequired(lazy("Type the name as it is printed.")), Length(max=160)],
        filters=[trim],
    )


class FileForm(Form):
    file = FileField(lazy("PDF file"), [FileRequired(lazy("Choose the PDF first."))])
