"""People, the browsers they are signed in with, their links, codes and staff credentials."""

from datetime import date, datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.access import STAFF, Role
from lms.db import db


class User(UserMixin, db.Model):
    """A person with an account. The e-mail is missing where a printed slip enrolled them."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    login_name: Mapped[str | None] = mapped_column(unique=True)  # for people without e-mail, printed on their slip
    role: Mapped[Role]
    legal_name: Mapped[str]
    name_lang: Mapped[str | None]  # chooses the face for characters that Chinese, Japanese and Korean share
    second_name: Mapped[str | None]  # the name in a second script, printed under the first
    sort_key: Mapped[str] = mapped_column(index=True)
    search_key: Mapped[str]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]  # sealed, see sealing.py
    totp_last_step: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str | None]
    easy_reading: Mapped[bool] = mapped_column(default=False)
    left_handed: Mapped[bool] = mapped_column(default=False)
    demo: Mapped[bool] = mapped_column(default=False)
    legal_name_confirmed_at: Mapped[datetime | None]
    adult_attested_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    credentials: Mapped[list["StaffCredential"]] = relationship(back_populates="person", lazy="raise")

    @property
    def is_active(self) -> bool:  # type: ignore[override]  Flask-Login asks
        return self.active

    @property
    def name(self) -> str:
        return self.legal_name

    @property
    def sign_in_name(self) -> str:
        """What the person types to sign in."""
        return self.email or self.login_name or ""

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    @property
    def reading(self) -> str:
        """As the pages say it: "easy" or nothing."""
        return "easy" if self.easy_reading else ""

    @property
    def has_second_factor(self) -> bool:
        return self.totp_secret is not None

    @property
    def first_name(self) -> str:
        return self.legal_name.split(" ")[0]


class UserSession(db.Model):
    """A signed-in browser. The cookie holds a 256-bit id; only its hash is stored."""

    id: Mapped[int] = mapped_column(primary_key=True)
    id_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    reauth_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    user_agent: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")


class AccessToken(db.Model):
    """A link or slip that lets a person in once. Stored as a hash; the link is derived again to mail or print it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # reset, invitation, slip
    hash: Mapped[str] = mapped_column(unique=True)
    nonce: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None]

    user: Mapped[User] = relationship(lazy="raise")


class RecoveryCode(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    hash: Mapped[str]
    used_at: Mapped[datetime | None]


class StaffCredential(db.Model):
    """A licence or card of a staff member, seen by an admin; an expired one blocks signing."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]  # PT, PTA, CMT, RN, BLS
    number: Mapped[str]
    expires_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None]

    person: Mapped[User] = relationship(back_populates="credentials", lazy="raise")


Index("ix_access_token_kind_user", AccessToken.kind, AccessToken.user_id)
