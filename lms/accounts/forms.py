"""What people type about accounts: sign in, passwords, names, staff credentials."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from lms import pdf_names as names
from lms.access import Role
from lms.accounts.models import User
from lms.accounts.rules import CREDENTIAL_KINDS, PASSWORD_SHORTEST, PasswordProblem, normal_login, password_problem
from lms.forms import Form, SelectChoice, mail_address, trim
from lms.i18n import LANGUAGES, _, lazy

ROLES = {
    Role.STUDENT: lazy("Student"),
    Role.INSTRUCTOR: lazy("Instructor"),
    Role.ADMIN: lazy("Admin"),
    Role.AUDITOR: lazy("Auditor (reads only)"),
}
LOGIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


def _lower(text: str | None) -> str:
    return normal_login(text)


def problem_words(problem: PasswordProblem) -> str:
    """Why a password is refused, and what to do."""
    return {
        PasswordProblem.TOO_SHORT: _("Use %(n)s characters or more. A short sentence works well.", n=PASSWORD_SHORTEST),
        PasswordProblem.TOO_LONG: _("This password is too long. Use 256 letters or fewer."),
        PasswordProblem.COMMON: _("Many people use this password. Choose one that is only yours."),
        PasswordProblem.SCHOOL_WORD: _("This is made of words that everybody here knows. Add words of your own."),
        PasswordProblem.GUESSABLE: _("This password is easy to guess. Add another word or two."),
    }[problem]


def printable_name(_form: object, field: Any) -> None:
    """The certificate must be able to print it."""
    try:
        names.printable(names.tidy(field.data or ""))
    except names.MixedScripts:
        raise ValidationError(_("We cannot print all of these letters together. Use one script here.")) from None
    except names.UnprintableName as error:
        letters = ", ".join(error.characters)
        raise ValidationError(_("We cannot print %(letters)s. Use other letters.", letters=letters)) from None
    except names.DoesNotFit:
        raise ValidationError(_("This name is too long for one line of the paper. Shorten it.")) from None


class NewPassword(Form):
    """`words` are names that must not make up the password: the school's and the person's own."""

    new_password = PasswordField(lazy("New password"), [InputRequired(lazy("Type a new password."))])

    def __init__(self, *args: Any, words: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = list(words)

    def validate_new_password(self, field: PasswordField) -> None:
        if problem := password_problem(field.data or "", self.words):
            raise ValidationError(problem_words(problem))


class SignInForm(Form):
    login = StringField(
        lazy("Email or login name"),
        [InputRequired(lazy("Type your email or login name.")), Length(max=254)],
        filters=[trim],
    )
    password = PasswordField(lazy("Password"), [InputRequired(lazy("Type your password.")), Length(max=1024)])
    next = HiddenField()
    kept = HiddenField()


class CodeForm(Form):
    code = StringField(lazy("Code"), [InputRequired(lazy("Type the code.")), Length(max=40)], filters=[trim])
    next = HiddenField()
    kept = HiddenField()


class ResetForm(Form):
    login = StringField(
        lazy("Email or login name"),
        [InputRequired(lazy("Type your email or login name.")), Length(max=254)],
        filters=[trim],
    )


class PasswordForm(NewPassword):
    password = PasswordField(lazy("Password you have now"), [InputRequired(lazy("Type the password you have now."))])


class ConfirmForm(Form):
    """Prove again who you are; the code only where the person has a second step."""

    password = PasswordField(lazy("Password"), [InputRequired(lazy("Type your password.")), Length(max=1024)])
    code = StringField(lazy("Code from your app"), [Length(max=40)], filters=[trim])
    next = HiddenField()

    def __init__(self, *args: Any, with_code: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.code


class ProvedForm(Form):
    """Asks `prove` for their password as well, and for a code where they have a second step; None proved it lately."""

    password = PasswordField(lazy("Your password"), [InputRequired(lazy("Type your password.")), Length(max=1024)])
    code = StringField(lazy("Code from your app"), [Length(max=40)], filters=[trim])

    def __init__(self, *args: Any, prove: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wait = 0  # seconds, after too many tries
        for name in ("password", "code"):  # last on the page, so last in the list of what to correct
            self._fields[name] = self._fields.pop(name)
        if prove is None or not prove.has_second_factor:
            del self.code
        if prove is None:
            del self.password


class NameForm(Form):
    legal_name = StringField(
        lazy("Your legal name"),
        [InputRequired(lazy("Type your name.")), Length(max=120), printable_name],
        filters=[trim],
    )
    second_name = StringField(
        lazy("The same name in another script"), [Optional(), Length(max=120), printable_name], filters=[trim]
    )


class EmailForm(Form):
    """One button: the address that stands above it is mine."""


class AdultForm(Form):
    adult = BooleanField(lazy("I am 18 years old or older."), [InputRequired(lazy("Tick the box if it is true."))])


class InvitationForm(NewPassword):
    legal_name = StringField(
        lazy("Your name, as it will be printed"),
        [InputRequired(lazy("Type your name.")), Length(max=120), printable_name],
        filters=[trim],
    )
    locale = RadioField(
        lazy("Language"),
        [InputRequired(lazy("Choose a language."))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )
    adult = BooleanField(lazy("I am 18 years old or older."), [InputRequired(lazy("Tick the box if it is true."))])

    def __init__(self, *args: Any, student: bool, named: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not student:
            del self.adult
        if named:
            del self.legal_name


class PersonForm(ProvedForm):
    legal_name = StringField(
        lazy("Legal name"),
        [InputRequired(lazy("Type the name.")), Length(max=120), printable_name],
        filters=[trim],
    )
    email = StringField(
        lazy("Email"),
        [Optional(), Length(max=254), mail_address],
        filters=[_lower],
    )
    login_name = StringField(
        lazy("Login name"),
        [
            Optional(),
            Length(min=3, max=40, message=lazy("Use 3 to 40 letters.")),
            Regexp(LOGIN_NAME, message=lazy("Use letters a to z, digits, dots and dashes.")),
        ],
        filters=[_lower],
    )
    locale = RadioField(
        lazy("Language"),
        [Optional()],
        choices=[
            SelectChoice("", lazy("Not known yet")),
            *(SelectChoice(code, name) for code, name in LANGUAGES.items()),
        ],
        default="",
    )


class NewPersonForm(PersonForm):
    role = RadioField(
        lazy("Role"),
        [InputRequired(lazy("Choose a role."))],
        choices=[SelectChoice(role.value, words) for role, words in ROLES.items()],
    )


class RoleForm(ProvedForm):
    role = SelectField(
        lazy("Role"), [InputRequired()], choices=[SelectChoice(role.value, words) for role, words in ROLES.items()]
    )


class CredentialForm(ProvedForm):
    kind = SelectField(lazy("Kind"), [InputRequired()], choices=[SelectChoice(kind, kind) for kind in CREDENTIAL_KINDS])
    number = StringField(
        lazy("Number"), [InputRequired(lazy("Type the number on the license or card.")), Length(max=60)], filters=[trim]
    )
    expires_on = DateField(lazy("Valid until"), [InputRequired(lazy("Type the last day it is valid."))])
