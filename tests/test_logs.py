"""Log lines: one JSON object each, with the request's id, nothing typed, and none that somebody else wrote."""

import json
import logging
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lms import logs
from lms.app import create_app
from lms.db import db
from tests import factories


def line(message: str, **extra: object) -> str:
    record = logging.LogRecord("lms.test", logging.WARNING, __file__, 1, message, (), None)
    record.__dict__.update(extra)
    return logs.JsonLines().format(record)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\u2028", "\u0085", "\x1b[2K\r"])
def test_a_line_cannot_be_forged(ending):
    forged = line(f"Ana{ending}" + '{"level": "info", "message": "signed in"}')
    assert len(forged.splitlines()) == 1
    assert forged.isascii()
    assert "\x1b" not in forged
    assert json.loads(forged)["message"].startswith("Ana")


def test_a_request_is_one_line_with_its_id_route_and_status_and_no_address(app, caplog):
    caplog.set_level(logging.INFO, "lms.request")
    answer = app.test_client().get("/reset/a-secret-token?next=/secret")
    (record,) = [r for r in caplog.records if r.name == "lms.request"]
    assert record.__dict__["status"] == answer.status_code
    assert "a-secret-token" not in logs.JsonLines().format(record)
    assert "secret" not in str(record.__dict__["route"]).replace("<token>", "")


def test_an_error_of_the_database_does_not_repeat_what_was_typed(app):
    factories.user(email="canary@school.example")
    with pytest.raises(IntegrityError) as refused:
        factories.user(email="canary@school.example")
    told = str(refused.value).replace(str(refused.value.orig), "")
    assert "canary" not in told


def test_a_trace_goes_into_the_log_and_not_onto_the_page(app, caplog):
    @app.get("/broken")
    def broken():
        raise ValueError("the inside story")

    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "inside story" not in answer.text
    assert "Traceback" not in answer.text
    assert "inside story" in caplog.text


def test_configuring_leaves_one_handler(monkeypatch):
    kept = logging.root.handlers[:], logging.root.level
    try:
        logs.configure()
        logs.configure()
        assert len(logging.root.handlers) == 1
        assert isinstance(logging.root.handlers[0].formatter, logs.JsonLines)
    finally:
        logging.root.handlers[:], logging.root.level = kept


def test_the_server_hides_parameters_in_every_environment(app):
    settings = replace(app.config["SETTINGS"], env="production", base_url="https://school.example")
    with create_app(settings, testing=True).app_context():
        assert db.engine.hide_parameters
        assert db.session.scalar(text("SELECT 1")) == 1
        db.session.remove()
        db.engine.dispose()
