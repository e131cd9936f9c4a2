"""Error pages: what happened, what next, an id and never a trace; one works without a database."""

import re
import sqlite3

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError

from lms import error_pages, storage
from lms.db import db
from lms.errors import Conflict, NotAllowed, NotFound, RuleBroken, TooManyTries
from tests import factories

PUBLIC_ADDRESS = "203.0.113.9"


def raises(app: Flask, error: Exception) -> None:
    @app.route("/trouble", methods=["GET", "POST"])
    def trouble():
        raise error


@pytest.fixture
def app(app: Flask) -> Flask:
    app.config.update(PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def no_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """From here on every connection fails, as with a server that is away."""

    def away(*_args: object, **_kwargs: object):
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("unable to open database file"))

    monkeypatch.setattr(db.engine, "connect", away)
    monkeypatch.setattr(db.engine, "raw_connection", away)
    return app


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x"), 404),
        (NotAllowed("x"), 403),
        (RuleBroken("Not before Monday."), 409),
        (Conflict({"name": "Ana"}, 3), 409),
        (TooManyTries(90), 429),
        (ValueError("inside story"), 500),
        (OSError(5, "inside story"), 503),
        (OSError(28, "inside story"), 503),
        (ConnectionError("inside story"), 500),
        (OperationalError("inside story", {}, Exception("inside story")), 503),
    ],
)
def test_each_trouble_has_its_status_and_no_page_tells_the_inside_story(app, error, status):
    raises(app, error)
    answer = app.test_client().post("/trouble", data={"words": "an hour of writing"})
    assert answer.status_code == status
    assert "inside story" not in answer.text
    assert "Traceback" not in answer.text
    assert "<h1" in answer.text


@pytest.mark.parametrize("error", [NotFound("x"), ValueError("x"), OSError(28, "x")])
def test_the_number_on_the_page_is_the_one_in_the_log(app, error, monkeypatch):
    monkeypatch.setattr("lms.headers.secrets.token_hex", lambda _n: "0123456789abcdef")
    raises(app, error)
    assert "0123456789abcdef" in app.test_client().get("/trouble").text


def test_a_refused_form_gives_back_what_was_typed(app):
    raises(app, RuleBroken("Not before Monday."))
    answer = app.test_client().post("/trouble", data={"words": "an hour of <writing>", "password": "hunter2hunter2"})
    assert "an hour of &lt;writing&gt;" in answer.text
    assert "Not before Monday." in answer.text
    assert "hunter2" not in answer.text


def test_too_many_tries_say_when_to_come_back(app):
    raises(app, TooManyTries(90))
    assert app.test_client().get("/trouble").headers["Retry-After"] == "90"


def test_without_a_database_a_page_says_so_in_the_language_of_the_browser(no_database):
    answer = no_database.test_client().get("/login", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "not saved" in answer.text
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_without_a_database_someone_signed_in_gets_the_page_too(app, as_, monkeypatch):
    browser = as_(factories.user())

    def away(*_args: object, **_kwargs: object):
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly"))

    monkeypatch.setattr(db.engine, "connect", away)
    for path in ("/account", "/nothing-here", "/login"):
        answer = browser.get(path)
        assert answer.status_code == 503, path
        assert "<h1>" in answer.text


def test_an_address_of_two_slashes_leads_nowhere_else(no_database):
    assert 'href="//' not in no_database.test_client().get("//evil.example/login").text


def test_the_file_folder_being_full_is_told_in_the_same_words(app, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)

    @app.post("/upload")
    def upload():
        storage.put(b"bytes")
        return "stored"

    assert app.test_client().post("/upload").status_code == 503


def test_readiness_follows_the_database(app, monkeypatch):
    assert app.test_client().get("/readyz").status_code == 200

    def away(*_args: object, **_kwargs: object):
        raise OperationalError("SELECT 1", {}, Exception("away"))

    monkeypatch.setattr(db.engine, "connect", away)
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/readyz").status_code == 503


def test_a_body_over_the_limit_is_refused_before_it_is_read(app):
    @app.post("/large")
    def large():
        from flask import request

        return str(len(request.form))

    class Stream:
        def read(self, *_args: object) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    answer = app.test_client().post(
        "/large",
        content_type="application/x-www-form-urlencoded",
        environ_overrides={
            "wsgi.input": Stream(),
            "CONTENT_LENGTH": str(app.config["MAX_CONTENT_LENGTH"] + 1),
        },
    )
    assert answer.status_code == 413
    assert "too much" in answer.text


def test_a_server_error_by_name_is_a_plain_page(app):
    @app.get("/five-hundred")
    def five_hundred():
        abort(500)

    answer = app.test_client().get("/five-hundred")
    assert answer.status_code == 500
    assert re.search(r"<code>[0-9a-f]{16}</code>", answer.text)


def test_forwarded_addresses_are_believed_only_from_proxies_that_were_counted(app):
    from dataclasses import replace

    from lms.app import create_app

    for hops, seen in ((0, "127.0.0.1"), (1, PUBLIC_ADDRESS)):
        behind = create_app(replace(app.config["SETTINGS"], proxy_hops=hops), testing=True)

        @behind.get("/who")
        def who():
            from flask import request

            return request.remote_addr or ""

        headers = {"X-Forwarded-For": f"198.51.100.1, {PUBLIC_ADDRESS}"}
        assert behind.test_client().get("/who", headers=headers).text == seen


def test_every_kind_of_error_of_the_school_has_a_page():
    from lms import errors

    ours = [v for v in vars(errors).values() if isinstance(v, type) and issubclass(v, errors.SchoolError)]
    assert all(any(issubclass(kind, handled) for handled in error_pages.HANDLERS) for kind in ours)
