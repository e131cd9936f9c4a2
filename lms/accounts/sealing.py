"""Short secrets at rest: sealed with keys that come from the school's secret key, so that a copied database opens none.

Who changes the secret key loses them, as every recovery code and open link.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken

from lms.accounts import tokens


def _key(purpose: str, owner: object) -> Fernet:
    """A key for each purpose and owner: a sealed text moved to another row does not open there."""
    return Fernet(base64.urlsafe_b64encode(tokens.keyed("seal", purpose, owner)))


def sealed(text: str, purpose: str, owner: object) -> str:
    return _key(purpose, owner).encrypt(text.encode()).decode()


def is_open(text: str) -> bool:
    """Whether it was never sealed."""
    return not text.startswith("gAAAA")  # the version byte of a sealed text and its time, in base64


def opened(text: str, purpose: str, owner: object) -> str | None:
    """None for what was sealed with another key, for something or somebody else, or was changed."""
    try:
        return _key(purpose, owner).decrypt(text.encode()).decode()
    except InvalidToken:
        return None
