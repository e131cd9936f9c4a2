"""How people are named, found, recognised and kept safe: keys, passwords, codes, links. Pure."""

import hmac
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from urllib.parse import urlsplit

from pyotp.totp import TOTP
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

PASSWORD_SHORTEST = 12
PASSWORD_LONGEST = 256  # far above the 64 that must be taken; keeps the hash and the strength meter cheap
PASSWORD_SCORE = 3  # of 4: more than 10^8 guesses
STRENGTH_READS = 72  # letters of a password that the strength meter looks at
SCHOOL_WORDS = (
    "steadyhand",
    "massage",
    "therapist",
    "therapy",
    "physical",
    "rehabilitation",
    "student",
    "instructor",
    "school",
    "aide",
    "masaje",
    "terapia",
    "escuela",
)
CODE_SECONDS = 30
CODE_DRIFT = 1  # steps that a phone's clock may be early or late
PATH_LONGEST = 2000


class TokenKind(StrEnum):
    """What a link lets a person do, once."""

    RESET = "reset"
    INVITATION = "invitation"
    SLIP = "slip"  # a reset that the office prints


class TokenState(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    USED = "used"


class WayIn(StrEnum):
    """How somebody who cannot sign in gets a password."""

    INVITATION = "invitation"
    RESET = "reset"
    SLIP = "slip"
    NONE = "none"  # another admin switches the account off and adds a new one


class PasswordProblem(StrEnum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    SCHOOL_WORD = "school_word"
    GUESSABLE = "guessable"


TOKEN_LIFETIME = {
    TokenKind.RESET: timedelta(minutes=60),
    TokenKind.INVITATION: timedelta(days=7),
    TokenKind.SLIP: timedelta(minutes=60),
}
CREDENTIAL_KINDS = ("PT", "PTA", "CMT", "RN", "BLS")


def _visible(text: str) -> str:
    """Without control characters; databases refuse some of them."""
    return "".join(letter if unicodedata.category(letter) != "Cc" else " " for letter in text)


def sort_key(name: str) -> str:
    """The name without case and accents, so that Álvaro stands beside Alvin."""
    text = _visible(name)
    for _round in range(3):  # some letters only come apart after they are folded
        folded = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(text.split())


def search_key(*parts: str | None) -> str:
    """What a search looks in: name, e-mail and login name, folded alike."""
    return " ".join(key for part in parts if part and (key := sort_key(part)))


def normal_login(text: str | None) -> str:
    """An e-mail address or login name as it is stored and compared."""
    return unicodedata.normalize("NFKC", _visible(text or "").strip()).lower()


def login_name(legal_name: str) -> str:
    """A short login name to begin with, in letters that every keyboard has: "maya.lopez"."""
    words = re.findall(r"[a-z]+", sort_key(legal_name).replace("'", ""))
    chosen = words[:1] + words[-1:] if len(words) > 1 else words
    return ".".join(chosen)[:24].strip(".") or "student"


def local_path(text: str | None) -> str | None:
    """The path if it leads to a page of this site and nowhere else, else None."""
    if not text or len(text) > PATH_LONGEST or not text.startswith("/"):
        return None
    if text.startswith("//") or "\\" in text or any(ord(letter) <= 32 or ord(letter) == 127 for letter in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if not parts.scheme and not parts.netloc else None


@cache
def common_passwords() -> frozenset[str]:
    """The most used passwords and words of several languages, as zxcvbn ships them."""
    lists: dict[str, list[str]] = FREQUENCY_LISTS
    return frozenset(word for name in ("passwords", "english_wikipedia") for word in lists[name])


def _letters(password: str) -> str:
    return "".join(letter for letter in sort_key(password) if letter.isalpha())


def _is_common(password: str) -> bool:
    """Whether it is a common password, also when decorated with digits, signs or capitals, or written twice."""
    folded = sort_key(password)
    bare = folded.strip("0123456789!?.,-_*#@$ ")
    forms = {folded, bare, _letters(password)}
    forms |= {form[: len(form) // 2] for form in forms if form[: len(form) // 2] * 2 == form}
    return any(form in common_passwords() for form in forms if form)


def _only_words(password: str, words: Iterable[str]) -> bool:
    """Whether next to nothing is left of it without the words that everybody at the school knows."""
    left = _letters(password)
    known = {_letters(part) for word in words for part in (word, *re.split(r"[\s@.]+", word))}
    removed = False
    for word in sorted((word for word in known if len(word) > 2), key=len, reverse=True):
        removed = removed or word in left
        left = left.replace(word, "")
    return removed and len(left) < 4


def password_problem(password: str, words: Iterable[str] = ()) -> PasswordProblem | None:
    """Why a new password is refused, or None. `words` are the school's and the person's own names."""
    if len(password) < PASSWORD_SHORTEST:
        return PasswordProblem.TOO_SHORT
    if len(password) > PASSWORD_LONGEST:
        return PasswordProblem.TOO_LONG
    if _is_common(password):
        return PasswordProblem.COMMON
    known = [*SCHOOL_WORDS, *(word for word in words if word)]
    if _only_words(password, known):
        return PasswordProblem.SCHOOL_WORD
    score: int = zxcvbn(password[:STRENGTH_READS], user_inputs=known)["score"]
    return PasswordProblem.GUESSABLE if score < PASSWORD_SCORE else None


def matching_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The time step whose code this is, if it was not used before; None for a wrong or used code."""
    code = re.sub(r"\s", "", code)
    current, totp = int(now.timestamp()) // CODE_SECONDS, TOTP(secret)
    for step in range(current - CODE_DRIFT, current + CODE_DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()) and step > last_step:
            return step
    return None


def normal_recovery_code(text: str) -> str:
    """A recovery code as it was made: people type spaces, dashes and small letters."""
    return re.sub(r"[\s-]", "", text).upper()


def token_state(*, used: bool, expires_at: datetime, now: datetime) -> TokenState:
    if used:
        return TokenState.USED
    return TokenState.OPEN if now < expires_at else TokenState.EXPIRED


def way_in(*, password: bool, address: bool, staff: bool) -> WayIn:
    """`password`: they chose one once; `address`: an e-mail address is theirs; `staff`: they are, or were."""
    if not password:
        return WayIn.INVITATION
    if address:
        return WayIn.RESET
    return WayIn.NONE if staff else WayIn.SLIP


def in_force(expires_on: date, on: date) -> bool:
    """A credential counts up to and including the day printed on it."""
    return on <= expires_on


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"),
)
BROWSERS_LAST = (("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # others call themselves these too
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "Chromebook"))
SYSTEMS_LAST = (("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux"))


def device_name(user_agent: str) -> tuple[str, str]:
    """Browser and system as their owner knows them, "" where they are not told."""
    browser = next((name for mark, name in BROWSERS + BROWSERS_LAST if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS + SYSTEMS_LAST if mark in user_agent), "")
    return browser, system
