from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms import clock
from lms.accounts import passwords
from lms.accounts.models import User, UserSession
from lms.db import db
from tests.accounts.conftest import CHEAP
from tests.attacks import pages
from tests.attacks.world import World, build
from tests.conftest import Browser


class Attacker(Browser):
    """A browser that fills in forms, and can send what no form offers."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        g.pop("second_factor", None)
        return super().open(*args, **kwargs)

    def token(self) -> str:
        """A token against forgery that is this session's own."""
        return pages.token(self.get("/privacy").text)

    def fill(self, page: str, action: str) -> dict[str, list[str]]:
        """Everything that the form to `action` would send."""
        answer = self.get(page)
        assert answer.status_code == 200, f"{page} answered {answer.status_code} {answer.location}"
        return pages.form_to(answer.text, action).sent

    def force(self, address: str, method: str = "POST", **fields: Any) -> TestResponse:
        """Send what no page offered, with the session's own token."""
        if method == "GET":
            return self.get(address)
        return self.open(address, method=method, data={"csrf_token": self.token(), **fields})


@pytest.fixture(autouse=True)
def _attacked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.test_client_class = Attacker
    monkeypatch.setattr(passwords, "HASHER", CHEAP)


@pytest.fixture
def world(app: Flask) -> World:
    return build()


@pytest.fixture
def browsers(app: Flask, as_: Callable[..., FlaskClient]) -> Callable[[User | None], Attacker]:
    """Browsers of people who proved a moment ago who they are."""

    def browser(user: User | None) -> Attacker:
        client = as_(user)
        assert isinstance(client, Attacker)
        if user is not None:
            with db.write():
                db.session.query(UserSession).filter_by(user_id=user.id).update({"reauth_at": clock.now()})
        return client

    return browser
