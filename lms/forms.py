"""The base of every form: CSRF, the key of the act, and the version of what is edited."""

import re
import unicodedata
from collections.abc import Mapping, MutableMapping
from functools import cache
from typing import Any

import wtforms
from flask import Flask, abort, g, request
from flask_babel.speaklater import LazyString
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.i18n import get_translations
from wtforms.validators import ValidationError

__all__ = ["Form", "SelectChoice", "in_words", "mail_address", "name_fields", "trim", "upright"]

from lms.i18n import _, language
from lms.idempotency import key_for, new_key
from lms.ids import row_id

DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
SelectChoice: Any = wtforms.SelectChoice  # pyright: ignore[reportAttributeAccessIssue]  newer than its stubs


def mail_address(_form: Any, field: Any) -> None:
    """Validator: looks like an e-mail address; whether it exists, the invitation shows."""
    if field.data and not re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", field.data):
        raise ValidationError(_("Write an email address such as ana@example.org."))


def upright(text: Any) -> Any:
    """Without the characters that turn the direction of what follows: they make a text read as another one."""
    return DIRECTIONS.sub("", text) if isinstance(text, str) else text


def trim(text: str | None) -> str:
    """White space folded, control characters dropped; for names and other one-line fields."""
    kept = (c for c in upright(text) or "" if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join("".join(kept).split())


def name_fields(labels: Mapping[str, object], choices: Mapping[str, object]) -> None:
    """What the fields that were sent and their choices are called, for a page that shows them outside their form."""
    known = g.setdefault("field_words", {})
    for name, label in labels.items():
        known[name] = (label, choices)


def in_words(name: str, value: str) -> tuple[str, str]:
    """A field that was sent and its value, as the form called them."""
    label, choices = g.get("field_words", {}).get(name, (name.replace("_", " "), {}))
    return str(label), str(choices.get(value, value))


@cache
def _sentences(lang: str) -> Any:
    return get_translations([lang])


def _key(act: tuple[object, ...] | None) -> str:
    if act and current_user.is_authenticated:
        return key_for(current_user.id, str(act[0]), *act[1:])
    return new_key()


class Form(FlaskForm):
    """`Form(act=("sign", sheet.id, sheet.version))` acts on a thing; without `act` it creates one."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Any:
            """Kept by language: Flask-WTF reads the file of WTForms' own sentences anew for each form."""
            return _sentences(language())

        def bind_field(self, form: Any, unbound_field: Any, options: MutableMapping[str, Any]) -> Any:
            """Every text is `upright`; a password is what was typed."""
            if issubclass(unbound_field.field_class, StringField) and unbound_field.field_class is not PasswordField:
                options["filters"] = [upright, *unbound_field.kwargs.get("filters", ())]
            return super().bind_field(form, unbound_field, options)

    act_key = HiddenField()
    version = HiddenField()

    def __init__(
        self, *args: Any, act: tuple[object, ...] | None = None, version: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_submitted() or not self.act_key.data:
            self.act_key.data = _key(act)
        if self.is_submitted():
            for field in self:
                offered = (one for one in getattr(field, "choices", None) or () if isinstance(one, SelectChoice))
                name_fields({field.name: field.label.text}, {str(one.value): one.label for one in offered})
        if version is not None and not self.is_submitted():
            self.version.data = str(version)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A field left empty is named, so that the list of what to correct reads on its own."""
        good = super().validate(*args, **kwargs)
        for field in self:
            empty = field.gettext("This field is required.")
            if empty in field.errors:
                field.errors = [_("Fill in “%(label)s”.", label=field.label.text)]
            # a sentence that a validator keeps for later is no text yet, and the templates show text alone
            field.errors = [str(line) if isinstance(line, LazyString) else line for line in field.errors]
        return good

    @property
    def sent_version(self) -> int:
        """The version that the person saw; -1 where the field was tampered with."""
        try:
            return row_id(self.version.data or "")
        except ValueError:
            return -1


def refuse_nul() -> None:
    """No text holds a NUL, and PostgreSQL stores none: what sends one is no browser of ours."""
    sent = [request.full_path, *(value for name in request.form for value in request.form.getlist(name))]
    if any("\x00" in text for text in sent) or "%00" in request.full_path:
        abort(400)


def init_app(app: Flask) -> None:
    app.before_request(refuse_nul)
    app.jinja_env.globals["in_words"] = in_words
