"""A visitor who fills in the forms that the pages hold, and people who have passwords."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask, g
from sqlalchemy import update
from werkzeug.test import TestResponse

from lms import clock
from lms.access import Role
from lms.accounts import passwords
from lms.accounts.login import token_hash
from lms.accounts.models import User, UserSession
from lms.db import db
from tests import factories
from tests.conftest import Browser

PASSWORD = "nine calm rivers bend"
NEW_PASSWORD = "seven quiet lamps glow"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The forms of a page with their hidden fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(said.get("action", "")))
        elif tag == "input" and self.found and said.get("type") == "hidden":
            self.found[-1].fields[said["name"]] = said.get("value", "")


class Visitor(Browser):
    """Fills in and sends forms as a person would: what a page hides in its form goes along."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        for cached in ("csrf_token", "csrf_valid", "ended_user_id", "_flask_babel"):
            g.pop(cached, None)
        return super().open(*args, **kwargs)

    def forms(self, page: TestResponse | str) -> list[Form]:
        return _Forms(page if isinstance(page, str) else page.text).found

    def send(self, page: TestResponse | str, action: str | None = None, /, **typed: str) -> TestResponse:
        """Send the form of the page with this action, or the one with an act key."""
        where = page if isinstance(page, str) else page.request.path
        forms = self.forms(self.get(page) if isinstance(page, str) else page)
        fits = [form for form in forms if (form.action == action if action else "act_key" in form.fields)]
        assert fits, f"no form to {action} on {where}: {forms}"
        return self.post(fits[0].action or where, data={**fits[0].fields, **typed})

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.send("/login", login=name, password=password, **more)

    def sign_in_from(self, address: str, name: str, password: str) -> TestResponse:
        fields = self.forms(self.get("/login"))[0].fields
        typed = {**fields, "login": name, "password": password}
        return self.post("/login", data=typed, environ_base={"REMOTE_ADDR": address})

    def cookie(self) -> str:
        stored = self.get_cookie("steadyhand")
        assert stored is not None
        return stored.value

    def signed_in(self) -> bool:
        return self.get("/account").status_code == 200


def just_proved(browser: Visitor) -> Visitor:
    """As if its person had typed their password this minute."""
    with db.write(), browser.session_transaction() as session:
        mine = UserSession.id_hash == token_hash(session["_user_id"])
        db.session.execute(update(UserSession).where(mine).values(reauth_at=clock.now()))
    return browser


@cache
def hashed(password: str = PASSWORD) -> str:
    return CHEAP.hash(password)


def person(role: Role = Role.STUDENT, **changes: Any) -> User:
    """Somebody who chose PASSWORD."""
    return factories.user(role, **{"password_hash": hashed(), **changes})


@pytest.fixture(autouse=True)
def _visitors(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests hash cheaply; what the school's hashes cost is tested by itself."""
    app.test_client_class = Visitor
    monkeypatch.setattr(passwords, "HASHER", CHEAP)


@pytest.fixture
def visitor(as_: Callable[..., Visitor]) -> Visitor:
    return as_()


@pytest.fixture
def another(as_: Callable[..., Visitor]) -> Visitor:
    return as_()


@pytest.fixture
def admin() -> User:
    return person(Role.ADMIN)


def code(at: Any) -> str:
    """What the authenticator app shows at that moment."""
    return pyotp.TOTP(SECRET).at(at)
