"""A form and a QR code to look at on the style guide."""

import segno
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from lms.forms import Form, SelectChoice

ROLES = [SelectChoice("student", "Student"), SelectChoice("instructor", "Instructor")]
TONGUES = [SelectChoice("en", "English"), SelectChoice("es", "Español")]
DAYS = [SelectChoice("tue", "Tuesday"), SelectChoice("thu", "Thursday")]


class SampleForm(Form):
    name = StringField("Name")
    email = StringField("Email")
    password = PasswordField("Password")
    day = DateField("Date")
    reason = TextAreaField("Reason")
    role = SelectField("Role", choices=ROLES)
    language = RadioField("Language", choices=TONGUES)
    days = SelectMultipleField("Days", choices=DAYS)
    agree = BooleanField("I have read this.")
    card = FileField("Card")

    @classmethod
    def sample(cls, prefix: str, errors: bool) -> "SampleForm":
        form = cls(prefix=prefix)
        if errors:
            form.name.errors = ["Write your name."]
        return form


def qr_sample() -> tuple[str, int]:
    """The path of a QR code's dark squares, and its size."""
    code = segno.make("HTTPS://SCHOOL.EXAMPLE/VERIFY", error="m", micro=False)
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(code.matrix) for x, bit in enumerate(row) if bit]
    return "".join(dark), len(code.matrix)
