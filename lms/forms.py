"""The base of every form: CSRF, the key of the act, and the version of what is edited."""

import re
from typing import Any

import wtforms
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import ValidationError

__all__ = ["Form", "SelectChoice", "mail_address", "trim"]

from lms.i18n import _
from lms.idempotency import key_for, new_key

SelectChoice: Any = wtforms.SelectChoice  # pyright: ignore[reportAttributeAccessIssue]  newer than its stubs


def mail_address(_form: Any, field: Any) -> None:
    """Validator: looks like an e-mail address; whether it exists, the invitation shows."""
    if field.data and not re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", field.data):
        raise ValidationError(_("Write an e-mail address such as ana@example.org."))


def trim(text: str | None) -> str:
    """White space folded; for names and other one-line fields."""
    return " ".join((text or "").split())


def _key(act: tuple[object, ...] | None) -> str:
    if act and current_user.is_authenticated:
        return key_for(current_user.id, str(act[0]), *act[1:])
    return new_key()


class Form(FlaskForm):
    """`Form(act=("sign", sheet.id, sheet.version))` acts on a thing; without `act` it creates one."""

    act_key = HiddenField()
    version = HiddenField()

    def __init__(
        self, *args: Any, act: tuple[object, ...] | None = None, version: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_submitted() or not self.act_key.data:
            self.act_key.data = _key(act)
        if version is not None and not self.is_submitted():
            self.version.data = str(version)

    @property
    def sent_version(self) -> int:
        """The version that the person saw; -1 where the field was tampered with."""
        data = self.version.data or ""
        return int(data) if data.isdigit() else -1
