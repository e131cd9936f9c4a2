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


def to_json(edition: Edition) -> str:
    """The exact text that is hashed and stored."""
    return canonical(_plain(edition))


def from_json(text: str) -> Edition:
    return _value(Edition, json.loads(text))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def address_of(thing: Item | Skill) -> str:
    """The hash of an item or skill, over everything it says but the hash itself."""
    plain = _plain(thing)
    plain.pop("hash")
    return hash_of(canonical(plain))


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
