"""R3: what the server decides is decided by nothing that a form sends beside its own fields."""

from sqlalchemy import func, select

from lms.access import Role
from lms.accounts.models import User
from lms.certificates.models import Certificate
from lms.cohorts.models import Enrolment
from lms.courses.models import StepDone
from lms.db import db
from lms.hours.models import ClockEntry
from lms.practicals.models import Sheet
from lms.quizzes.models import Attempt, Response
from tests import factories
from tests.attacks.acts import do_all
from tests.attacks.world import stored

NUMBER, TIME = "66613", "1999-09-09T09:09"
NUMBERS = "score grade progress points points_possible correct minutes number revision edition percent pass_percent"
NUMBERS += " attempts_left entry_seq ledger_seq seq position amends_id skill_hash item_hash receipt serial token hash"
NUMBERS += " password_hash totp_secret id uid key_id next"
TIMES = "signed_at issued_at submitted_at decided_at started_at created_at confirmed_at legal_name_confirmed_at"
TIMES += " adult_attested_at saved_at completed_on started_on expires_at used_at observed_at at now date"
PEOPLE = "owner owner_id user user_id student student_id person_id signed_by signed_by_id examiner examiner_id by by_id"
PEOPLE += " decided_by decided_by_id proposed_by_id issued_by issued_by_id created_by_id recorded_by_id actor_id author"
WORDS = {
    "role": "admin",
    "status": "issued",
    "state": "awarded",
    "verdict": "demonstrated",
    "passed": "true",
    "approved": "1",
    "completed": "1",
    "issued": "1",
    "active": "1",
    "demo": "1",
    "is_admin": "1",
    "source": NUMBER,
    "method": NUMBER,
    "kind": NUMBER,
    "module_id": "M02",
    "skill_id": "S02",
}


def smuggled(ghost: User, ghosts: Enrolment) -> dict[str, object]:
    return {
        **dict.fromkeys(NUMBERS.split(), NUMBER),
        **dict.fromkeys(TIMES.split(), TIME),
        **dict.fromkeys(PEOPLE.split(), ghost.id),
        **dict.fromkeys(("enrolment", "enrolment_id", "enrolments"), ghosts.id),
        **dict.fromkeys(("school", "school_id"), 77),
        **dict.fromkeys(("cohort", "cohort_id"), ghosts.cohort_id),
        **WORDS,
    }


def pointing_at(target: str, key: int) -> int:
    """How many rows of any table name that row, by a foreign key or by a column of such a name."""
    found = 0
    for table in db.metadata.tables.values():
        for column in table.columns:
            keys = {key_.column.table.name for key_ in column.foreign_keys}
            named = target == "person" and column.name.endswith(("_by_id", "actor_id", "examiner_id"))
            if target in keys or named:
                query = select(func.count()).select_from(table).where(column == key)
                found += db.session.execute(query).scalar_one()
    return found


def test_r03_nothing_smuggled_into_any_form_is_stored(world, browsers):
    """R3: scores, times, owners, states and ids; each form is also sent as it should be, and does its own work."""
    ghost = factories.user(Role.STUDENT, legal_name="Ghost")
    ghosts = factories.enrolment(world.b, ghost)
    before = stored()
    counted = pointing_at("person", ghost.id), pointing_at("enrolment", ghosts.id)
    for act, _answer in do_all(world, browsers, **smuggled(ghost, ghosts)):
        after = stored(but=())
        new = {name: rows - before.get(name, set()) for name, rows in after.items()}
        marked = {name for name, rows in new.items() for row in rows if NUMBER in row or "1999, 9, 9" in row}
        assert marked == set(), f"{act.endpoint} stored what was smuggled in {marked}"
        assert counted == (pointing_at("person", ghost.id), pointing_at("enrolment", ghosts.id)), act.endpoint
    roles = dict(db.session.execute(select(User.role, func.count()).group_by(User.role)).all())
    assert roles[Role.ADMIN] == 1
    _each_thing_is_what_was_done(world)


def _each_thing_is_what_was_done(world) -> None:
    attempt = db.session.get_one(Attempt, world.open_attempt.id, populate_existing=True)
    assert (attempt.passed, attempt.correct, attempt.number) == (False, 0, 1)
    judged = select(Response.correct).where(Response.attempt_id == attempt.id)
    assert set(db.session.scalars(judged)) == {False}
    sheet = db.session.get_one(Sheet, world.unsigned.id, populate_existing=True)
    assert (sheet.examiner_id, sheet.skill_id, sheet.enrolment_id) == (
        world.dana.id,
        "S01",
        world.enrolment(world.pia).id,
    )
    assert set(db.session.scalars(select(ClockEntry.proposed_by_id))) == {world.dana.id}
    assert len(db.session.scalars(select(Certificate)).all()) == 2
    steps = select(StepDone.step_id).where(StepDone.enrolment_id == world.enrolment(world.eve).id)
    assert list(db.session.scalars(steps)) == ["step-1"]


def test_r03_marks_that_the_checklist_has_not_are_refused_whole(world, browsers):
    browser, path, before = browsers(world.dana), f"/sheets/{world.unsigned.id}", stored()
    for wrong in ({"S01-01": "demonstrated"}, {"S01-01": "not_applicable"}, {"rating": "6"}, {"chips": "none-such"}):
        assert browser.force(path, **{"version": "2", "S01-02": "not_yet", **wrong}).status_code == 409
    assert stored() == before


def test_r03_hours_before_they_were_held_are_taken_from_nobody(world, browsers):
    browser, path = browsers(world.dana), f"/cohorts/{world.a.id}/roster"
    before, row = stored(), world.enrolment(world.pia).id
    today = browser.fill(path, path)
    for day, starts, ends in (("2090-01-01", "09:00", "10:00"), ("9999-12-31", "09:00", "23:59")):
        typed = {**today, "planned": "lab:", "held_on": day, "starts": starts, "ends": ends, "present": row}
        assert browser.post(path, data=typed).status_code == 422
    for break_ in ("-600", "999999", "1e3"):
        typed = {**today, "planned": "lab:", "held_on": str(world.a.starts_on), "starts": "09:00", "ends": "10:00"}
        assert browser.post(path, data={**typed, "present": row, "breaks": break_}).status_code == 422
    assert stored() == before


def test_r03_a_decision_that_is_neither_yes_nor_no_decides_nothing(world, browsers):
    browser, before = browsers(world.dana), stored()
    for word in ("", "approved", "APPROVE", "1"):
        assert browser.force("/hours/decide", entries=world.waiting.id, decision=word).status_code == 409
    assert browser.force("/hours/decide", entries=world.waiting.id).status_code == 409
    assert stored() == before
