"""A right that is taken away between the page and the write is gone: nothing is signed, decided or issued by it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, update

from lms import db as store
from lms.access import Role
from lms.accounts.models import StaffCredential, User
from lms.cohorts.models import CohortInstructor, Enrolment
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from tests.attacks.acts import Act, Cast, every
from tests.attacks.world import stored

Change = Callable[[int], Any]
CHANGES: dict[str, Change] = {
    "switched off": lambda who: update(User).where(User.id == who).values(active=False),
    "made an auditor": lambda who: update(User).where(User.id == who).values(role=Role.AUDITOR),
    "unassigned": lambda who: delete(CohortInstructor).where(CohortInstructor.user_id == who),
    "licence gone": lambda who: delete(StaffCredential).where(StaffCredential.user_id == who),
    "enrolment on leave": lambda _who: update(Enrolment).values(state=EnrolmentState.LEAVE),
}
EVERYBODY = ("switched off", "made an auditor")
TEACHER = (*EVERYBODY, "unassigned")
GUARDED = {
    "cohorts.sign_statement": (*EVERYBODY, "enrolment on leave"),
    "quizzes.start": (*EVERYBODY, "enrolment on leave"),
    "quizzes.submit": (*EVERYBODY, "enrolment on leave"),
    "quizzes.release": (*TEACHER, "enrolment on leave"),
    "hours.roster": (*TEACHER, "enrolment on leave"),
    "hours.propose_activity": TEACHER,
    "hours.decide": TEACHER,
    "practicals.save": (*TEACHER, "enrolment on leave"),
    "practicals.sign": (*TEACHER, "licence gone", "enrolment on leave"),
    "practicals.amend": TEACHER,
    "practicals.new": (*TEACHER, "licence gone"),
    "practicals.answer": EVERYBODY,
    "accounts.new_person": EVERYBODY,
    "accounts.edit_person": EVERYBODY,
    "accounts.credentials": EVERYBODY,
    "accounts.invite": EVERYBODY,
    "accounts.change_role": EVERYBODY,
    "accounts.end_sessions": EVERYBODY,
    "accounts.switch_off": EVERYBODY,
    "accounts.switch_on": EVERYBODY,
    "accounts.lost_phone": EVERYBODY,
    "accounts.mail_reset": EVERYBODY,
    "accounts.make_slip": EVERYBODY,
    "certificates.check": (*EVERYBODY, "enrolment on leave"),
    "certificates.revoke": EVERYBODY,
    "cohorts.create": EVERYBODY,
    "cohorts.edit": EVERYBODY,
    "cohorts.move_cohort": EVERYBODY,
    "cohorts.enrol": EVERYBODY,
    "cohorts.enrol_known": EVERYBODY,
    "cohorts.move": EVERYBODY,
    "school.edit": EVERYBODY,
    "school.policy": EVERYBODY,
    "school.statement": EVERYBODY,
    "school.add_signatory": EVERYBODY,
    "school.retire_signatory": EVERYBODY,
}


class Meanwhile:
    """The write discipline, in which somebody else's change was stored a moment before the write began."""

    def __init__(self) -> None:
        self.whole = store._around
        self.change: tuple[Change, int] | None = None
        self.met = False

    @contextmanager
    def around(self, session) -> Iterator[None]:
        if self.change and session is not None:
            change, who = self.change
            db.session.execute(change(who).execution_options(synchronize_session=False))
            self.met = True
        with self.whole(session):
            yield


def test_r01_a_right_that_is_gone_before_the_write_signs_and_issues_nothing(world, browsers, monkeypatch):
    """R1, R6, R7, R11: for each act that stays on record under somebody's name."""
    meanwhile, cast, wrong, tried = Meanwhile(), Cast(browsers), [], set()
    monkeypatch.setattr(store, "_around", meanwhile.around)
    for act in every(world):
        for name in GUARDED.get(act.endpoint, ()):
            wrong += _refuses(act, name, meanwhile, cast.of(act))
            tried.add(act.endpoint)
        answer = act.send(cast.of(act))
        assert answer.status_code in act.lands, act.endpoint
    assert wrong == []
    assert tried == set(GUARDED)


def _refuses(act: Act, name: str, meanwhile: Meanwhile, browser) -> Iterator[str]:
    fields, before = act.fields(browser), stored()
    meanwhile.change, meanwhile.met = (CHANGES[name], act.who.id if act.who else 0), False
    answer = browser.post(act.address, data=fields)
    meanwhile.change = None
    if not meanwhile.met:
        yield f"{act.endpoint} wrote nothing"
    if answer.status_code >= 500:
        yield f"{act.endpoint} broke when {name}"
    if (after := stored()) != before:
        yield f"{act.endpoint} by somebody {name} left {[t for t in after if after[t] != before[t]]}"


@pytest.mark.parametrize("taken", ["off", "role"])
def test_r11_a_cookie_copied_before_is_dead_on_the_very_next_request(world, browsers, taken: str):
    """R11"""
    copied, office = browsers(world.dana), browsers(world.admin)
    assert copied.get("/hours/to-approve").status_code == 200
    assert office.force(f"/people/{world.dana.id}/{taken}", role="auditor").status_code == 303
    answer = copied.get("/hours/to-approve")
    assert answer.status_code == 303
    assert "/login" in answer.location
    signed = copied.post(f"/sheets/{world.unsigned.id}/sign", data={"csrf_token": copied.token()})
    assert signed.status_code == 401


def test_r02_an_instructor_who_is_unassigned_finds_the_cohort_no_more(world, browsers):
    """T7: pages after the right is taken away, in a session that goes on."""
    browser = browsers(world.dana)
    paths = [f"/cohorts/{world.a.id}{end}" for end in ("", "/skills", "/readiness", "/roster")]
    paths += [f"/sheets/{world.unsigned.id}", f"/enrolments/{world.enrolment(world.maya).id}"]
    assert {browser.get(path).status_code for path in paths} == {200}
    with db.write():
        db.session.execute(delete(CohortInstructor).where(CohortInstructor.user_id == world.dana.id))
    assert {browser.get(path).status_code for path in paths} == {404}
    assert browser.force("/hours/decide", entries=world.waiting.id, decision="approve").status_code == 404
