"""Passwords are kept as argon2id hashes; what does not exist takes as long to check as what does."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # argon2id, 19 MiB: OWASP's first choice


def _normal(password: str) -> str:
    """Keyboards differ in how they write the same letter."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    return HASHER.hash(_normal(password))


@cache
def _nobodys() -> str:
    return HASHER.hash("no account has this hash")


def matches(password_hash: str | None, password: str) -> bool:
    """Also hashes where there is nothing to compare with, so that both answers take the same time."""
    try:
        HASHER.verify(password_hash or _nobodys(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether it was made with other settings than ours of today."""
    return HASHER.check_needs_rehash(password_hash)
