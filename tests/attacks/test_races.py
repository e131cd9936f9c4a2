"""Sixteen at once: whatever is pressed sixteen times at the same moment has one effect, and nobody sees an error."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from lms.access import Role
from lms.accounts.models import User
from lms.app import create_app
from lms.certificates.models import Certificate
from lms.cohorts.models import CohortInstructor, Enrolment, StatementSignature
from lms.db import db
from lms.hours.models import ClockDecision
from lms.ledger import service as ledger
from lms.ledger.models import LedgerEntry
from lms.practicals.models import Countersignature, Sheet
from lms.quizzes.models import Attempt
from tests import factories
from tests.accounts.conftest import PASSWORD
from tests.attacks.acts import Act
from tests.attacks.world import World
from tests.conftest import Browser, settings_for

CROWD = 16
Counted = Callable[[World], Any]


def start(world: World) -> Act:
    factories.read_lessons(world.enrolment(world.pia), "M02")
    return Act("quizzes.start", world.pia, "/quizzes/M02", action="/quizzes/M02/start")


def submit(world: World) -> Act:
    path = f"/attempts/{world.open_attempt.id}"
    return Act("quizzes.submit", world.maya, f"{path}/check", action=f"{path}/submit")


def sign(world: World) -> Act:
    path = f"/sheets/{world.unsigned.id}/sign"
    return Act("practicals.sign", world.dana, path, {"place": "Room 4", "password": PASSWORD})


def countersign(world: World) -> Act:
    path = f"/sheets/{world.signed.id}"
    return Act("practicals.answer", world.maya, path, {"agreed": "yes"}, action=f"{path}/answer")


def decide(world: World) -> Act:
    typed = {"entries": world.waiting.id, "decision": "approve"}
    return Act("hours.decide", world.dana, "/hours/to-approve", typed, action="/hours/decide")


def enrol(world: World) -> Act:
    typed = {"user_id": world.zoe.id}
    return Act("cohorts.enrol_known", world.admin, f"/cohorts/{world.a.id}/enrol-known", typed)


def statement(world: World) -> Act:
    return Act("cohorts.sign_statement", world.eve, "/statements/1/sign", {"agree": "y"})


def issue(world: World) -> Act:
    path = f"/cohorts/{world.a.id}/certificates/new"
    page = f"{path}?who={world.enrolment(world.omar).id}"
    return Act("certificates.check", world.admin, page, {"language": "en"}, action=path)


RACES: dict[str, tuple[Callable[[World], Act], Counted, str | None]] = {
    "start": (start, lambda w: of(Attempt, enrolment_id=w.enrolment(w.pia).id, module_id="M02"), None),
    "submit": (submit, lambda w: 1, None),
    "sign": (sign, lambda w: of(Sheet, id=w.unsigned.id, verdict="demonstrated"), "sheet.signed"),
    "countersign": (countersign, lambda w: of(Countersignature, sheet_id=w.signed.id), "sheet.countersigned"),
    "decide": (decide, lambda w: of(ClockDecision, entry_id=w.waiting.id), "hours.approved"),
    "enrol": (enrol, lambda w: of(Enrolment, cohort_id=w.a.id, user_id=w.zoe.id), None),
    "statement": (
        statement,
        lambda w: of(StatementSignature, enrolment_id=w.enrolment(w.eve).id),
        "statement.signed",
    ),
    "issue": (issue, lambda w: of(Certificate, enrolment_id=w.enrolment(w.omar).id), "certificate.issued"),
}


def of(model: Any, **which: Any) -> int:
    return db.session.scalars(select(func.count()).select_from(model).filter_by(**which)).one()


def entries(kind: str | None) -> int:
    return of(LedgerEntry, kind=kind) if kind else 0


@pytest.mark.parametrize("name", RACES)
def test_r30_sixteen_at_once_have_one_effect(world, browsers, database_url, tmp_path, name: str):
    """R6, R30: one button pressed eight times, and eight more that carry no key of the act."""
    make, count, kind = RACES[name]
    act, before = make(world), entries(kind)
    browser = browsers(act.who)
    sent = act.fields(browser)
    bare = {name: value for name, value in sent.items() if name != "act_key"}
    answers = crowd(database_url, tmp_path, browser, [(act.address, sent), (act.address, bare)] * (CROWD // 2))
    db.session.rollback()
    assert [one for one in answers if one >= 500] == []
    assert count(world) == 1
    assert entries(kind) - before == (1 if kind else 0)
    assert ledger.verify_all().holds


def crowd(url: str, folder, browser: Browser, sends: list[tuple[str, dict[str, Any]]], others=()) -> list[int]:
    """What each of them was answered, all sent at one moment by browsers with this one's cookie."""
    served = create_app(settings_for(folder, url), testing=True)
    barrier = Barrier(len(sends))

    def one(job: tuple[int, tuple[str, dict[str, Any]]]) -> int:
        at, (address, fields) = job
        client, source = served.test_client(), others[at % len(others)] if others else browser
        cookie = source.get_cookie("steadyhand")
        assert cookie is not None
        client.set_cookie("steadyhand", cookie.value)
        barrier.wait()
        return client.post(address, data=fields).status_code

    with ThreadPoolExecutor(len(sends)) as pool:
        answers = list(pool.map(one, enumerate(sends)))
    with served.app_context():
        db.engine.dispose()
    return answers


def test_r30_two_instructors_who_decide_the_same_hours_decide_them_once(world, browsers, database_url, tmp_path):
    """One approves while the other rejects; the record holds one decision, and it is the stored one."""
    factories.add(CohortInstructor(cohort_id=world.a.id, user_id=world.bruno.id))
    both = [browsers(one) for one in (world.dana, world.bruno)]
    tokens = [one.token() for one in both]
    words = ("approve", "reject")
    sends = [
        ("/hours/decide", {"csrf_token": tokens[n % 2], "entries": world.waiting.id, "decision": words[n % 2]})
        for n in range(CROWD)
    ]
    answers = crowd(database_url, tmp_path, both[0], sends, others=both)
    db.session.rollback()
    assert set(answers) == {303}
    row = db.session.scalars(select(ClockDecision).filter_by(entry_id=world.waiting.id)).one()
    assert row.decided_by_id == (world.dana.id if row.approved else world.bruno.id)
    assert ledger.verify_all().holds


def test_r30_two_admins_cannot_take_each_others_role_at_the_same_moment(world, browsers, database_url, tmp_path):
    """An admin is left, whoever is faster."""
    second = factories.user(Role.ADMIN, legal_name="Bea Office")
    both = [browsers(one) for one in (world.admin, second)]
    tokens, targets = [one.token() for one in both], [second.id, world.admin.id]
    sends = [
        (f"/people/{targets[n % 2]}/off", {"csrf_token": tokens[n % 2], "act_key": f"{n:064}"}) for n in range(CROWD)
    ]
    answers = crowd(database_url, tmp_path, both[0], sends, others=both)
    db.session.rollback()
    assert [one for one in answers if one >= 500] == []
    assert of(User, role=Role.ADMIN, active=True) >= 1
