"""The second factor: codes of an authenticator app, each once, and recovery codes for a lost phone."""

import base64
import secrets

from pyotp.totp import TOTP
from sqlalchemy import delete, func, select

from lms import audit, clock
from lms.accounts import sealing, tokens
from lms.accounts.models import RecoveryCode, User
from lms.accounts.rules import matching_step, normal_recovery_code
from lms.db import db
from lms.errors import RuleBroken
from lms.i18n import _

RECOVERY_CODES = 10
SEAL = "second factor"
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 letters, none that is read as another


def secret_for(user: User, session_id: int) -> str:
    """The secret that this browser is setting up: derived, so that nothing is stored before it works."""
    return base64.b32encode(tokens.keyed("second factor", user.id, session_id, user.totp_last_step)[:20]).decode()


def address(secret: str, account: str, issuer: str) -> str:
    """What the QR code says to the authenticator app."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def turn_on(user_id: int, secret: str, code: str) -> list[str]:
    """Store the secret once its first code proves that it works; returns the recovery codes, shown this once."""
    with db.write():
        user = db.locked(User, user_id)
        if user.has_second_factor:
            raise RuleBroken(_("A second step is set up already."))
        step = matching_step(secret, code, clock.now(), user.totp_last_step)
        if step is None:
            raise RuleBroken(_("This code is not right. Type the newest one from your app."))
        user.totp_secret, user.totp_last_step = sealing.sealed(secret, SEAL, user.id), step
        codes = _fresh_codes(user.id)
        audit.record("second_factor_on", by=user.id, subject=("person", user.id))
    return codes


def turn_off(user_id: int, *, by: int) -> None:
    with db.write():
        user = db.locked(User, user_id)
        user.totp_secret = None
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        audit.record("second_factor_off", by=by, subject=("person", user.id))


def new_codes(user_id: int) -> list[str]:
    """Ten new recovery codes in place of the old ones."""
    with db.write():
        user = db.locked(User, user_id)
        if not user.has_second_factor:
            raise RuleBroken(_("Set up a second step first."))
        codes = _fresh_codes(user.id)
        audit.record("recovery_codes_made", by=user.id, subject=("person", user.id))
    return codes


def _fresh_codes(user_id: int) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = ["".join(secrets.choice(ALPHABET) for _letter in range(10)) for _code in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user_id, hash=_hash(user_id, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def codes_left(user_id: int) -> int:
    return db.session.scalars(
        select(func.count()).select_from(RecoveryCode).filter_by(user_id=user_id, used_at=None)
    ).one()


def accept(user_id: int, code: str) -> bool:
    """Use up a code of the app or a recovery code; the same one never counts twice."""
    with db.write(business=False):
        user = db.locked(User, user_id)
        if user.totp_secret is None:
            return False
        secret = _secret(user)
        step = matching_step(secret, code, clock.now(), user.totp_last_step) if secret else None
        if step is not None:
            user.totp_last_step = step
            if secret and secret == user.totp_secret:  # stored before secrets were sealed
                user.totp_secret = sealing.sealed(secret, SEAL, user.id)
            return True
        return _accept_recovery_code(user_id, code)


def _secret(user: User) -> str | None:
    """None where the school's secret key is another one now: an admin then turns the second step off."""
    stored = user.totp_secret or ""
    return stored if sealing.is_open(stored) else sealing.opened(stored, SEAL, user.id)


def _accept_recovery_code(user_id: int, code: str) -> bool:
    wanted = _hash(user_id, normal_recovery_code(code))
    row = db.session.scalars(
        select(RecoveryCode).filter_by(user_id=user_id, hash=wanted, used_at=None).with_for_update()
    ).first()
    if row is None:
        return False
    row.used_at = clock.now()
    audit.record("recovery_code_used", by=user_id, subject=("person", user_id))
    return True


def _hash(user_id: int, code: str) -> str:
    """Keyed: who has only the database cannot try codes out."""
    return tokens.keyed("recovery code", user_id, code).hex()
