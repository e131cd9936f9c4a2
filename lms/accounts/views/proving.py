"""What a passer-by at an open screen may not do: its form asks for a password that was not typed lately."""

from lms.accounts import login, service
from lms.accounts.forms import ProvedForm
from lms.accounts.login import current_user
from lms.accounts.models import User
from lms.accounts.views.sign_in import wait_words
from lms.errors import TooManyTries
from lms.i18n import _


def who_proves() -> User | None:
    """For a `ProvedForm`: nobody is asked twice within a few minutes."""
    return None if login.recently_confirmed() else current_user


def proved(form: ProvedForm) -> bool:
    """Whether whoever sent this form is who they say; outside the write. What else was typed stays in the form."""
    if not form.password:
        return True
    try:
        right = service.reauthenticate(current_user, form.password.data or "", form.code.data if form.code else None)
    except TooManyTries as error:
        form.password.errors, form.wait = [wait_words(error)], error.retry_after
        return False
    if not right:
        words = _("This password or code is not right.") if form.code else _("This password is not right.")
        form.password.errors = [words]
        return False
    del form.password  # not asked again should the form come back for another reason
    if form.code:
        del form.code
    return True


def status(form: ProvedForm) -> tuple[int, dict[str, str]]:
    """Of the page that shows this form again."""
    if form.wait:
        return 429, {"Retry-After": str(form.wait)}
    return 422 if form.errors else 200, {}
