from collections.abc import Iterable

from wtforms import BooleanField, DateField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lms.accounts.models import User
from lms.catalog.models import CourseVersion
from lms.cohorts.words import MOVE_REASONS
from lms.forms import Form, SelectChoice, mail_address, trim
from lms.i18n import LANGUAGES, _, lazy


class CohortForm(Form):
    name = StringField(lazy("Name"), [InputRequired(), Length(max=80)], filters=[trim])
    course_version_id = SelectField(lazy("Course"), coerce=int)
    starts_on = DateField(lazy("First day"), [InputRequired()])
    ends_on = DateField(lazy("Last day"), [InputRequired()])
    room = StringField(lazy("Room"), [Optional(), Length(max=80)], filters=[trim])
    instructors = SelectMultipleField(lazy("Instructors"), coerce=int)

    def offer(self, versions: Iterable[CourseVersion], titles: dict[int, str], instructors: Iterable[User]) -> None:
        self.course_version_id.choices = [SelectChoice(v.id, titles[v.id]) for v in versions]
        self.instructors.choices = [SelectChoice(person.id, person.legal_name) for person in instructors]

    def validate_ends_on(self, field: DateField) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day must come after the first."))


class EnrolForm(Form):
    legal_name = StringField(lazy("Legal name"), [InputRequired(), Length(max=80)], filters=[trim])
    email = StringField(lazy("Email"), [Optional(), mail_address, Length(max=160)], filters=[trim])
    locale = RadioField(
        lazy("Language of the invitation"),
        choices=[SelectChoice(k, v) for k, v in LANGUAGES.items()],
        default="en",
    )


class EnrolKnownForm(Form):
    """Nobody is chosen beforehand: whoever hurries would enroll the first of the list."""

    user_id = SelectField(lazy("Student"), coerce=int)

    def offer(self, people: Iterable[User]) -> None:
        self.user_id.choices = [SelectChoice(0, _("Choose a student"))]
        self.user_id.choices += [
            SelectChoice(person.id, f"{person.legal_name} ({person.sign_in_name})") for person in people
        ]

    def validate_user_id(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(_("Choose a student."))


class MoveForm(Form):
    state = RadioField(lazy("New state"), validators=[InputRequired(lazy("Choose the new state."))])
    reason = RadioField(
        lazy("Reason"),
        validators=[InputRequired(lazy("Choose a reason."))],
        choices=[SelectChoice(code.value, words) for code, words in MOVE_REASONS.items()],
    )


class SignStatementForm(Form):
    agree = BooleanField(lazy("I have read this and I sign it."), [InputRequired(lazy("Tick the box to sign."))])
