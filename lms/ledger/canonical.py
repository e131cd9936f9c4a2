"""JSON with one spelling only (RFC 8785, no floats): equal content is equal text is an equal hash."""

import json
from typing import Any

import rfc8785

from lms.ledger.types import Json


class NotCanonical(ValueError):
    """The text is not the one spelling of its content, or cannot have one."""


def canonical(content: Any) -> str:
    """The one spelling. Raises NotCanonical for floats and other types, or broken Unicode."""
    _check(content)
    try:
        return rfc8785.dumps(content).decode()
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonical(str(error)) from error


def parse(text: str | bytes) -> Json:
    """Read an object that must be in its one spelling: another order, a space or a doubled key is refused."""
    try:
        spelled = text.decode() if isinstance(text, bytes) else text
        content = json.loads(spelled, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(str(error)) from error
    if not isinstance(content, dict) or canonical(content) != spelled:
        raise NotCanonical("not canonical JSON")
    return content


def _refuse(spelling: str) -> None:
    raise NotCanonical(f"{spelling} is not allowed")


def _check(content: Any) -> None:
    if isinstance(content, dict):
        for key, value in content.items():
            if not isinstance(key, str):
                raise NotCanonical(f"the key {key!r} is not text")
            _check(value)
    elif isinstance(content, list):
        for value in content:
            _check(value)
    elif content is not None and not isinstance(content, str | int):
        raise NotCanonical(f"{type(content).__name__} is not allowed")
