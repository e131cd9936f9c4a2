"""A confirmed legal name grows old: before the certificate is printed the student looks at it once more."""

from lms import audit, clock
from lms.accounts.models import User
from lms.db import db
from lms.errors import Conflict, RuleBroken
from lms.i18n import _


def confirm_again(user_id: int, *, version: int) -> None:
    """The student says that the name they were shown still is theirs; what changed meanwhile is shown first.

    The first confirmation, and every correction, are made in the account.
    """
    with db.write():
        person = db.locked(User, user_id)
        if person.version != version:
            raise Conflict({"legal_name": person.legal_name}, person.version)
        if person.legal_name_confirmed_at is None:
            raise RuleBroken(_("Confirm your name in your account first."))
        person.legal_name_confirmed_at = clock.now()
        person.version += 1
        audit.record("legal_name_confirmed", by=user_id, subject=("person", user_id), again=True)
