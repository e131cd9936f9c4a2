"""One act has one effect: sent twice, in two tabs, at the same moment, or with other words."""

import threading
from datetime import timedelta

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms import audit, clock, idempotency
from lms.access import Permission
from lms.accounts.login import current_user, requires
from lms.audit import AuditEvent
from lms.db import db
from lms.errors import RuleBroken
from lms.idempotency import ActKey, done, once
from tests import factories


def notebook() -> Blueprint:
    bp = Blueprint("notebook", __name__)

    @bp.post("/notes")
    @requires(Permission.OWN_ACCOUNT)
    @once
    def write():
        words = request.form["words"]
        with db.write():
            audit.record("note.written", by=current_user.id, words=words)
            db.session.flush()
            if words == "forbidden":
                raise RuleBroken("Not that word.")
            return done(f"/notes/{_count()}", "Noted.")

    return bp


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEvent).filter_by(action="note.written"))


@pytest.fixture
def app(app: Flask) -> Flask:
    app.register_blueprint(notebook())
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def student(app):
    return factories.user()


def send(browser, key: str, words: str = "hello"):
    return browser.post("/notes", data={"act_key": key, "words": words})


def test_the_same_form_twice_is_one_note_and_the_same_answer(as_, student):
    """R30"""
    browser, key = as_(student), idempotency.new_key()
    first, again = send(browser, key), send(browser, key)
    assert (first.status_code, first.location) == (303, "/notes/1")
    assert (again.status_code, again.location) == (303, "/notes/1")
    assert _count() == 1


def test_the_same_key_with_other_words_does_nothing_and_shows_them(as_, student):
    browser, key = as_(student), idempotency.new_key()
    send(browser, key)
    other = send(browser, key, "something longer that took an hour")
    assert other.status_code == 409
    assert "something longer that took an hour" in other.text
    assert "/notes/1" in other.text
    assert _count() == 1


def test_another_key_is_another_act(as_, student):
    browser = as_(student)
    send(browser, idempotency.new_key())
    assert send(browser, idempotency.new_key()).location == "/notes/2"


def test_a_refused_act_leaves_no_key_so_it_may_be_tried_again(as_, student):
    browser, key = as_(student), idempotency.new_key()
    assert send(browser, key, "forbidden").status_code == 409
    assert _count() == 0
    assert db.session.scalar(select(func.count()).select_from(ActKey)) == 0
    assert send(browser, key, "allowed").location == "/notes/1"


def test_two_at_the_same_moment_are_one_note(app, as_, student):
    """R30"""
    key, token = idempotency.new_key(), factories.signed_in(student)
    start, answers = threading.Barrier(8), []

    def press() -> None:
        client = FlaskClient(app, app.response_class)  # in a thread of its own, as a worker of the server has it
        with client.session_transaction() as session:
            session["_user_id"] = token
        start.wait()
        answers.append(send(client, key))

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(a.status_code, a.location) for a in answers} == {(303, "/notes/1")}
    assert len(answers) == 8
    assert _count() == 1


def test_the_key_of_an_act_is_equal_in_every_tab_and_only_there(app, student):
    key = idempotency.key_for(student.id, "sign", 7, 1)
    assert key == idempotency.key_for(student.id, "sign", 7, 1)
    others = [(student.id, "sign", 7, 2), (student.id, "sign", 8, 1), (student.id + 1, "sign", 7, 1)]
    assert key not in [idempotency.key_for(*other) for other in others]


def test_keys_are_forgotten_after_two_days(as_, student, time):
    send(as_(student), idempotency.new_key())
    time.forward(hours=47)
    assert idempotency.forget_old() == 0
    time.forward(hours=2)
    assert idempotency.forget_old() == 1
    assert timedelta(hours=48) == idempotency.KEPT
    assert clock.now() == time.now
