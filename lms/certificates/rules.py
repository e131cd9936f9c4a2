"""Serials with a check digit, codes that survive bad handwriting, states and reasons. Pure."""

import hashlib
import re
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O or U: each is read as what it looks like
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", " ": "", "-": ""})
TOKEN_LETTERS = 26  # five bits each: 130, which nobody guesses
TITLES = frozenset({"PTA", "RMT", "LMT", "CMT"})  # a serial may not look like one
SERIAL = re.compile(r"([A-Z]{2,5})-([A-Z]{2,5})-?([0-9]{4})-?([0-9]{6})-?([0-9])")
DASHES = re.compile(r"[\s‐‑‒–—−-]+")  # what phones and word processors make of a hyphen
DAMM = (  # each row and column a permutation: one wrong digit or two swapped neighbours never cancel out
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class Status(StrEnum):
    """What the public page says. Superseded: a newer one took its place."""

    VALID = "valid"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Reason(StrEnum):
    """Why a certificate is revoked; the public page never says it."""

    ISSUED_IN_ERROR = "issued_in_error"
    REQUIREMENT_INVALID = "requirement_invalid"
    INTEGRITY = "integrity"
    IDENTITY = "identity"
    REPLACED = "replaced"


def status(*, revoked: bool, newer: bool) -> Status:
    if newer:
        return Status.SUPERSEDED
    return Status.REVOKED if revoked else Status.VALID


def serial(prefix: str, code: str, year: int, number: int) -> str:
    """LGS-MTR-2026-000123-7. Raises ValueError for letters that are a title or a number that is none."""
    text = f"{prefix}-{code}-{year:04}-{number:06}-{_check_digit(f'{prefix}{code}{year:04}{number:06}')}"
    if number < 1 or TITLES & {prefix, code} or normal_serial(text) != text:
        raise ValueError(f"no serial can be made of {prefix}, {code}, {year}, {number}")
    return text


def normal_serial(text: str) -> str | None:
    """The serial as it is stored, whatever case, spaces and dashes it was typed with; None where it cannot be one."""
    found = SERIAL.fullmatch(DASHES.sub("-", text.strip().upper()).replace(" ", ""))
    if found is None or _check_digit("".join(found.groups()[:-1])) != found.group(5):
        return None
    return "-".join(found.groups())


def valid_serial(text: str) -> bool:
    return normal_serial(text) is not None


def _check_digit(text: str) -> str:
    """Damm's digit over the digits, and over letters as numbers from 10."""
    state = 0
    for digit in "".join(str(int(letter, 36)) for letter in text):
        state = DAMM[state][int(digit)]
    return str(state)


def normal_token(text: str) -> str | None:
    """A token in any case, with look-alikes as they were meant; None where it cannot be one."""
    token = text.upper().translate(LOOKALIKES)
    return token if len(token) == TOKEN_LETTERS and set(token) <= set(ALPHABET) else None


def check_code(printed: str, token: str) -> str:
    """Eight letters that stand for everything printed: 7Q4M-2KXD."""
    digest = hashlib.sha256(f"{token}\0{printed}".encode()).digest()
    number = int.from_bytes(digest[:5])
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}"


def initials(name: str) -> str:
    """ "Maya de la Cruz" -> "M. d. l. C.": for students who keep their name off the public page."""
    return " ".join(f"{word[0]}." for word in name.split())
