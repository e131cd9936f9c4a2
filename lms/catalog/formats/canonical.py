"""An edition as canonical JSON (RFC 8785) and back, without loss."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import rfc8785

from lms.catalog.items import Item
from lms.catalog.types import Edition, Skill

# fields of items that did not exist at first, with what they are where they say nothing
LATER = {"story": None, "figure": None, "model": None, "parts": [], "match": None, "points": 1}


def to_json(edition: Edition) -> str:
    """The exact text that is hashed and stored."""
    return canonical(_plain(edition))


def from_json(text: str) -> Edition:
    return _value(Edition, json.loads(text))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def address_of(thing: Item | Skill) -> str:
    """The hash of an item or skill, over everything it says but the hash itself.

    A field that items got later counts only where it says something: the same words keep the same identity.
    """
    plain = _plain(thing)
    plain.pop("hash")
    return hash_of(canonical(_without_later(plain) if isinstance(thing, Item) else plain))


def _without_later(plain: Any) -> Any:
    if isinstance(plain, dict):
        said = {key: _without_later(one) for key, one in plain.items()}
        return {key: one for key, one in said.items() if key not in LATER or one != LATER[key]}
    return [_without_later(one) for one in plain] if isinstance(plain, list) else plain


def canonical(plain: Any) -> str:
    return rfc8785.dumps(plain).decode()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(kind: Any, plain: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if plain is None else _value(inner[0], plain)
    if origin is tuple:
        return tuple(_value(inner[0], one) for one in plain)
    if origin is not None:  # Mapping[str, X]
        return MappingProxyType({key: _value(inner[1], one) for key, one in plain.items()})
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _value(hints[name], one) for name, one in plain.items()})
    return _scalar(kind, plain)


def _scalar(kind: Any, plain: Any) -> Any:
    if kind is date:
        return date.fromisoformat(plain)
    return plain if kind is bool else kind(plain)
