"""Limits are counted in the database, so all workers and restarts share them."""

import pytest
from sqlalchemy import func, select

from lms import throttle
from lms.app import create_app
from lms.db import db
from lms.errors import TooManyTries
from lms.throttle import AttemptCount


def hits(times: int, subject: str = "ana@school.example") -> None:
    for _ in range(times):
        throttle.hit("sign-in", subject, limit=3, seconds=600)


def test_the_fourth_try_of_three_has_to_wait(app, time):
    hits(3)
    with pytest.raises(TooManyTries) as waits:
        hits(1)
    assert 0 < waits.value.retry_after <= 600


def test_the_window_passes(app, time):
    hits(3)
    time.forward(seconds=600)
    hits(3)


def test_one_subject_does_not_use_up_anothers_tries(app):
    hits(3)
    hits(3, "ben@school.example")


def test_letter_case_does_not_make_another_subject(app):
    hits(3)
    with pytest.raises(TooManyTries):
        hits(1, "ANA@school.example")


def test_another_process_counts_on(app):
    hits(3)
    other = create_app(app.config["SETTINGS"], testing=True)
    with other.app_context():
        with pytest.raises(TooManyTries):
            hits(1)
        db.session.remove()
        db.engine.dispose()


def test_proving_oneself_clears_the_count(app):
    hits(3)
    throttle.clear("sign-in", "ana@school.example")
    hits(3)


def test_the_subject_is_not_stored_as_it_was_typed(app):
    hits(1)
    assert "ana" not in db.session.scalars(select(AttemptCount.name)).one()


def test_old_windows_are_forgotten(app, time):
    hits(1)
    time.forward(days=2)
    throttle.forget_old()
    assert db.session.scalar(select(func.count()).select_from(AttemptCount)) == 0
