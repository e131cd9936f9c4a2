"""Kill -9 while people write: what the server acknowledged is there, and nothing is half done."""

import random
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from lms.cohorts.models import StatementSignature
from lms.courses.models import StepDone
from lms.db import db
from lms.idempotency import ActKey
from lms.ledger import service as ledger
from lms.ledger.models import LedgerEntry
from lms.quizzes.models import Attempt, Response
from lms.school.models import Statement
from tests import factories
from tests.faults.server import Server, server
from tests.faults.students import Student, at_work, student
from tests.quizzes import factories as quiz

HANDS, PEOPLE = 4, 40


@pytest.fixture
def school_at_work(app: Flask) -> tuple[list[list[Student]], list[int]]:
    """Students who have everything before them, shared out among four pairs of hands, and what they have to sign."""
    factories.statements()
    statements = list(db.session.scalars(select(Statement.id).order_by(Statement.id)))
    people = []
    for _ in range(PEOPLE):
        person = factories.user()
        people.append(student(app, person, quiz.enrolment(person).id))
    db.session.remove()
    db.engine.dispose()  # from here on the server has the database to itself
    return [people[n::HANDS] for n in range(HANDS)], statements


def test_twenty_kills_lose_nothing_that_was_acknowledged(app, school_at_work, tmp_path):
    """R28"""
    kill_again_and_again(app, tmp_path, *school_at_work, rounds=20)


@pytest.mark.soak
def test_two_hundred_kills_lose_nothing_that_was_acknowledged(app, school_at_work, tmp_path):
    kill_again_and_again(app, tmp_path, *school_at_work, rounds=200)


def kill_again_and_again(
    app: Flask, folder: Path, groups: list[list[Student]], statements: list[int], rounds: int
) -> None:
    chance, people = random.Random(20261124), [who for group in groups for who in group]
    with server(app, folder) as school:
        for _ in range(rounds):
            school.start()
            write_until_killed(school, groups, statements, chance.uniform(0, 0.7))
            nothing_is_lost_or_half_done(people)
            db.session.remove()
            db.engine.dispose()


def write_until_killed(school: Server, groups: list[list[Student]], statements: list[int], seconds: float) -> None:
    """Once the first answers are in, after a time that is drawn."""
    people = [who for group in groups for who in group]
    before, limit = count(people), time.monotonic() + 60
    hands = at_work(school.port, groups, statements)
    while count(people) < before + 2 * HANDS and time.monotonic() < limit:
        time.sleep(0.01)
    assert count(people) > before, "nobody got a word in"
    time.sleep(seconds)
    school.kill()
    for pair in hands:
        pair.join(30)
        assert not pair.is_alive()


def count(people: list[Student]) -> int:
    return sum(len(who.acknowledged) for who in people)


def nothing_is_lost_or_half_done(people: list[Student]) -> None:
    if db.engine.dialect.name == "sqlite":
        assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []
    assert ledger.verify_all().holds
    signatures_and_entries_are_pairs()
    for who in people:
        what_was_acknowledged_is_there(who)


def signatures_and_entries_are_pairs() -> None:
    signed = set(db.session.scalars(select(StatementSignature.entry_seq)))
    sealed = set(db.session.scalars(select(LedgerEntry.seq).filter_by(kind="statement.signed")))
    noted = db.session.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'statement.signed'"))
    assert signed == sealed
    assert noted == len(signed)


def what_was_acknowledged_is_there(who: Student) -> None:
    done, open_act = who.acknowledged, [who.under_way] if who.under_way else []
    sent = {f"/statements/{i}/sign" for i in db.session.scalars(_signed_by(who))}
    steps = {f"/learn/M01/M01-lesson/{s}" for s in db.session.scalars(_steps_of(who))}
    keys = set(db.session.scalars(select(ActKey.key)))
    assert {act.path for act in done if act.kind == "sign"} <= sent
    assert {act.path for act in done if act.kind == "step"} <= steps
    assert sent <= {act.path for act in [*done, *open_act]}
    assert {act.key for act in done if act.key} <= keys
    attempts = list(db.session.scalars(select(Attempt).filter_by(enrolment_id=who.enrolment_id)))
    assert len(attempts) <= 1, "one act, two effects"
    for act in open_act:
        if act.kind == "sign":
            assert (act.key in keys) == (act.path in sent), "the key of the act and its effect are one"
    _answers_are_there(who, attempts)


def _answers_are_there(who: Student, attempts: list[Attempt]) -> None:
    last = {act.path: act for act in who.acknowledged if act.kind == "answer"}
    if not last:
        return
    rows = db.session.scalars(select(Response).filter_by(attempt_id=attempts[0].id))
    saved = {row.item_id: row.answer for row in rows}
    for path, act in last.items():
        item = attempts[0].form[int(path.rsplit("/", 1)[1]) - 1]["item"]
        possible = [act, *([who.under_way] if who.under_way and who.under_way.path == path else [])]
        assert saved[item] in [[dict(one.fields)["answer"]] for one in possible]


def _signed_by(who: Student):
    return select(StatementSignature.statement_id).filter_by(enrolment_id=who.enrolment_id)


def _steps_of(who: Student):
    return select(StepDone.step_id).filter_by(enrolment_id=who.enrolment_id)
