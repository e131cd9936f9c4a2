"""Who forgot a password comes in again: by a letter to their own address, or as a student by a slip."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from lms import clock, jobs
from lms.access import Role
from lms.accounts import people, recovery, service
from lms.accounts.models import User
from lms.accounts.rules import WayIn, way_in
from lms.db import db
from lms.errors import RuleBroken
from tests.accounts.conftest import NEW_PASSWORD, Visitor, just_proved, person
from tests.accounts.test_links import letters, link_in
from tests.accounts.test_sign_in import events


@pytest.fixture
def office(as_: Callable[..., Visitor], admin: User) -> Visitor:
    return just_proved(as_(admin))


def move(user: User, email: str | None, by: User) -> None:
    now = service.person(user.id)
    kept = {"legal_name": now.legal_name, "login_name": "ana", "locale": now.locale, "version": now.version}
    people.edit(user.id, email=email, by=by.id, **kept)


def way(user: User) -> WayIn:
    db.session.rollback()
    return recovery.way_in(service.person(user.id))


@pytest.mark.parametrize(
    ("password", "address", "staff", "expected"),
    [
        (False, True, True, WayIn.INVITATION),
        (False, False, False, WayIn.INVITATION),
        (True, True, True, WayIn.RESET),
        (True, True, False, WayIn.RESET),
        (True, False, False, WayIn.SLIP),
        (True, False, True, WayIn.NONE),
    ],
)
def test_each_person_has_one_way_in(password: bool, address: bool, staff: bool, expected: WayIn):
    assert way_in(password=password, address=address, staff=staff) is expected


def test_a_reset_that_the_office_starts_is_read_by_its_owner_alone(office: Visitor, visitor: Visitor, app):
    user = person(Role.INSTRUCTOR)
    page = office.send(f"/people/{user.id}", f"/people/{user.id}/reset")
    assert page.location == f"/people/{user.id}"
    ((to, _subject, text),) = letters(app)
    assert to == user.email
    assert link_in(text) not in office.get(f"/people/{user.id}").text
    assert office.get(f"/people/{user.id}/slip").location == f"/people/{user.id}", "nothing to print"
    assert visitor.send(link_in(text), new_password=NEW_PASSWORD).location == "/home"


def test_r18_letters_to_one_person_are_limited_whoever_sends_them(office: Visitor):
    user = person()
    answers = [office.send(f"/people/{user.id}", f"/people/{user.id}/reset").status_code for _try in range(6)]
    assert answers == [303] * 5 + [429]


def test_a_student_without_email_comes_in_by_a_slip(office: Visitor, visitor: Visitor):
    user = person(email=None, login_name="ana")
    page = office.send(f"/people/{user.id}", f"/people/{user.id}/slip")
    assert page.location == f"/people/{user.id}/slip"
    slip = office.get(page.location).text
    assert "Choose a new password." in slip
    link = link_in(slip)
    assert visitor.send(link.split("<")[0], new_password=NEW_PASSWORD).location == "/home"
    assert office.get(f"/people/{user.id}/slip").status_code == 303, "it worked once"


def test_who_remembers_the_password_reads_of_the_slip_too(visitor: Visitor, another: Visitor, admin: User, time):
    user = person(email=None, login_name="ana")
    time.forward(minutes=1)
    recovery.make_slip(user.id, by=admin.id)
    time.forward(minutes=1)
    visitor.sign_in("ana")
    assert "made a slip" in visitor.get("/home").text
    time.forward(minutes=1)
    another.sign_in("ana")
    assert "made a slip" not in another.get("/home").text, "once"


def test_a_slip_is_shown_to_an_admin_who_proved_who_they_are(as_, admin: User):
    user = person(email=None, login_name="ana")
    recovery.make_slip(user.id, by=admin.id)
    path = f"/people/{user.id}/slip"
    assert as_(admin).get(path).location == f"/account/confirm?next={path}"


def test_staff_without_an_address_of_their_own_are_told_what_to_do(office: Visitor, admin: User):
    user = person(Role.INSTRUCTOR)
    move(user, "new@school.example", by=admin)
    page = office.get(f"/people/{user.id}").text
    assert "Another admin switches this account off and adds a new one with an email." in page
    assert f"/people/{user.id}/slip" not in page
    with pytest.raises(RuleBroken):
        recovery.make_slip(user.id, by=admin.id)


def test_a_changed_address_gets_letters_once_its_owner_confirms_it(as_, visitor: Visitor, admin: User, app, time):
    user = person(Role.INSTRUCTOR, email="old@school.example")
    theirs = as_(user)
    move(user, "new@school.example", by=admin)
    time.forward(days=30)
    assert way(user) is WayIn.NONE, "time makes up for nothing"
    visitor.send("/reset", login="new@school.example")
    assert [to for to, _subject, _text in letters(app)] == ["old@school.example"]
    time.forward(days=-30)
    page = theirs.get("/account")
    assert "new@school.example" in page.text
    assert theirs.send(page, "/account/email").location == "/account/confirm?next=/account"
    theirs = just_proved(theirs)
    assert theirs.send(page, "/account/email").location == "/account"
    assert "/account/email" not in theirs.get("/account").text
    assert way(user) is WayIn.RESET
    visitor.send("/reset", login="new@school.example")
    assert [to for to, _subject, _text in letters(app)] == ["new@school.example"]


def test_who_signs_in_reads_who_changed_the_address(visitor: Visitor, admin: User):
    user = person(locale="es")
    move(user, "new@school.example", by=admin)
    visitor.sign_in("new@school.example")
    said = visitor.get("/home").text
    assert admin.legal_name in said
    assert "cambió su correo" in said


def test_ones_own_change_needs_no_second_word(admin: User, app):
    old = admin.email
    move(admin, "new@school.example", by=admin)
    assert way(admin) is WayIn.RESET
    assert [to for to, _subject, _text in letters(app)] == [old], "and the old address hears of it all the same"


def test_an_address_of_somebody_who_never_came_is_just_corrected(admin: User, app):
    user = person(Role.INSTRUCTOR, password_hash=None, email="typo@school.example")
    move(user, "right@school.example", by=admin)
    assert letters(app) == []
    service.set_password(user.id, "x")
    assert way(user) is WayIn.RESET


def test_the_old_address_stands_in_no_job_as_it_is(admin: User):
    user = person(email="old@school.example")
    move(user, "new@school.example", by=admin)
    rows = repr(db.session.execute(db.text("select * from job")).all())
    assert "email_changed" in rows
    assert "old@school.example" not in rows
    jobs.run_waiting()


def test_r39_what_the_office_did_is_on_record(admin: User):
    student, teacher = person(email=None, login_name="ana"), person(Role.INSTRUCTOR)
    recovery.make_slip(student.id, by=admin.id)
    recovery.mail_reset(teacher.id, by=admin.id)
    seen = [(one.actor_id, one.subject_id) for one in (*events("slip_made"), *events("reset_mailed"))]
    assert seen == [(admin.id, str(student.id)), (admin.id, str(teacher.id))]
    assert recovery.slip_for(student).at <= clock.now() + timedelta(seconds=1)
