"""Making a demo school, and dropping one, only where that is harmless."""

import argparse
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, inspect, select

from lms import clock, frozen, migrate
from lms.accounts.models import User
from lms.db import db
from lms.demo import commands, service
from lms.demo.accounts import ACCOUNTS, PASSWORD
from lms.demo.timeline import Timeline
from lms.errors import RuleBroken
from lms.ledger import service as ledger
from lms.ledger.models import LedgerEntry
from lms.school import service as school
from lms.school.models import School
from tests import factories


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def count(model) -> int:
    return db.session.scalars(select(func.count()).select_from(model)).one()


def test_making_it_twice_changes_nothing(demo):
    before = count(LedgerEntry), count(User)
    assert service.ensure() is False
    assert (count(LedgerEntry), count(User)) == before


def test_a_real_school_is_left_alone(app):
    assert service.ensure() is False
    assert count(School) == 1
    assert not school.current().demo


@pytest.mark.once
def test_what_is_interrupted_leaves_nothing(empty):
    def stop(done: int, _of: int) -> None:
        if done == 40:
            raise Interrupted

    with pytest.raises(Interrupted):
        service.ensure(stop)
    assert (count(School), count(User), count(LedgerEntry)) == (0, 0, 0)


@pytest.mark.parametrize("act", [service.ensure, service.reset])
def test_production_has_no_demo(empty, act):
    empty.config["SETTINGS"] = replace(empty.config["SETTINGS"], env="production")
    with pytest.raises(RuleBroken, match="does not run in production"):
        act()
    assert count(School) == 0


def test_a_demo_school_is_dropped_whole_and_another_school_can_begin(empty):
    factories.school(demo=True)
    ledger.new_key()
    factories.statements()  # a frozen table
    factories.enrolment(factories.cohort(factories.user()))
    service.reset()
    assert dict.fromkeys(db.metadata.tables, 0) == {
        name: db.session.scalars(select(func.count()).select_from(table)).one()
        for name, table in db.metadata.tables.items()
    }
    with db.engine.connect() as connection:
        assert migrate.behind(connection) is None
        assert frozen.differences(connection, db.frozen_tables) == []
    factories.school()
    ledger.new_key()
    assert ledger.verify_all().holds


def test_an_empty_database_may_be_reset(empty):
    service.reset()
    assert "school" in inspect(db.engine).get_table_names()


def test_a_real_school_is_never_dropped(app):
    with pytest.raises(RuleBroken, match="not a demo"):
        service.reset()
    assert count(School) == 1


def test_people_without_a_school_are_never_dropped(empty):
    factories.user()
    with pytest.raises(RuleBroken, match="not a demo"):
        service.reset()
    assert count(User) == 1


def test_the_command_says_who_may_sign_in(demo, capsys):
    assert commands.run(argparse.Namespace(reset=False)) == 0
    told = capsys.readouterr().out
    assert all(email in told and about in told for email, about in ACCOUNTS)
    assert PASSWORD in told


def test_the_command_tells_no_demo_accounts_of_a_real_school(app, capsys):
    assert commands.run(argparse.Namespace(reset=False)) == 0
    assert PASSWORD not in capsys.readouterr().out


def test_the_command_refuses_to_reset_a_real_school(app):
    with pytest.raises(RuleBroken, match="not a demo"):
        commands.run(argparse.Namespace(reset=True))
    assert count(School) == 1


# ---- time --------------------------------------------------------------------------------------------------------
def test_time_stands_at_the_instant_that_is_told_and_goes_on_after():
    past = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
    with clock.at(past):
        with clock.at(past + timedelta(minutes=5)):
            assert clock.now() == past + timedelta(minutes=5)
        assert clock.now() == past
    assert clock.now() - past > timedelta(days=300)


def test_acts_are_played_in_the_order_of_time():
    line, seen = Timeline("America/Los_Angeles"), list[datetime]()
    for days_ago in (3, 9, 5):
        line.add(line.moment(line.day(days_ago), 18), lambda: seen.append(clock.now()))
    told = list[tuple[int, int]]()
    line.play(lambda done, of: told.append((done, of)))
    assert seen == sorted(seen)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_nothing_is_told_of_the_future():
    line = Timeline("America/Los_Angeles")
    with pytest.raises(ValueError, match="has not come yet"):
        line.add(clock.now() + timedelta(hours=1), lambda: None)


@pytest.mark.parametrize("days", range(7))
def test_nobody_teaches_on_a_sunday(days: int):
    with clock.at(datetime(2026, 11, 24, 20, tzinfo=UTC) + timedelta(days=days)):
        line = Timeline("America/Los_Angeles")
    assert all(line.school_day(n).weekday() != 6 and line.day(n) - line.school_day(n) < timedelta(2) for n in range(30))


def test_where_a_log_is_kept_each_quarter_is_a_line(capsys):
    for done in range(1, 541):
        commands.lines(done, 540)
    assert capsys.readouterr().err == "  135 of 540\n  270 of 540\n  405 of 540\n  540 of 540\n"
