"""Acts of the office ask for the admin's password, unless it was typed a few minutes ago."""

import pytest

from lms.access import Role
from lms.accounts.models import User
from lms.db import db
from tests.accounts.conftest import PASSWORD, SECRET, Visitor, code, person
from tests.accounts.test_people import NEW, fresh, named

WRONG = "not the right words"


@pytest.fixture
def office(as_, admin: User) -> Visitor:
    """Signed in long ago."""
    return as_(admin)


def test_a_form_asks_and_keeps_everything_that_was_typed(office: Visitor):
    form = office.get("/people/new")
    assert 'name="password"' in form.text
    for typed in ({}, {"password": ""}, {"password": WRONG}):
        answer = office.send(form, **NEW, **typed)
        assert answer.status_code == 422
        assert "errsum" in answer.text
        assert "Noor Haddad" in answer.text
        assert WRONG not in answer.text
    assert office.send(answer, **NEW, password=PASSWORD).status_code == 303
    assert named("Noor Haddad")


def test_r12_the_right_password_gives_the_session_a_new_id_and_counts_for_ten_minutes(office: Visitor, time):
    before = office.cookie()
    office.send("/people/new", **NEW, password=PASSWORD)
    assert office.cookie() != before
    assert 'name="password"' not in office.get("/people/new").text
    time.forward(minutes=11)
    assert 'name="password"' in office.get("/people/new").text


def test_a_form_that_waited_too_long_asks_after_all(office: Visitor, time):
    office.send("/account/confirm", password=PASSWORD)
    form = office.get("/people/new")
    time.forward(minutes=11)
    answer = office.send(form, **NEW)
    assert answer.status_code == 422
    assert 'name="password"' in answer.text
    assert "Noor Haddad" in answer.text


def test_a_button_leads_to_a_page_that_asks_and_then_does_it(office: Visitor):
    user = person()
    asked = office.send(f"/people/{user.id}", f"/people/{user.id}/off")
    assert asked.status_code == 200
    assert "errsum" not in asked.text, "nothing is wrong yet"
    assert fresh(user.id).active
    wrong = office.send(asked, password=WRONG)
    assert wrong.status_code == 422
    assert "errsum" in wrong.text
    assert fresh(user.id).active
    assert office.send(wrong, password=PASSWORD).location == f"/people/{user.id}"
    assert not fresh(user.id).active


def test_the_role_that_was_chosen_is_kept_on_that_page(office: Visitor):
    user = person()
    asked = office.send(f"/people/{user.id}", f"/people/{user.id}/role", role="auditor")
    assert '<option selected value="auditor">' in asked.text
    assert office.send(asked, role="auditor", password=PASSWORD).status_code == 303
    assert fresh(user.id).role is Role.AUDITOR


def test_a_role_that_there_is_not_is_sent_back(office: Visitor):
    user = person()
    asked = office.send(f"/people/{user.id}", f"/people/{user.id}/role", role="king")
    assert office.send(asked, role="king", password=PASSWORD).status_code == 422
    assert fresh(user.id).role is Role.STUDENT


def test_a_refused_act_is_said_on_the_persons_page(office: Visitor, admin: User):
    asked = office.send(f"/people/{person().id}", f"/people/{admin.id + 1}/off")
    path = f"/people/{admin.id}/off"
    answer = office.post(path, data={**office.forms(asked)[-1].fields, "password": PASSWORD})
    assert answer.location == f"/people/{admin.id}"
    assert "You cannot do this to your own account." in office.get(answer.location).text


def test_r18_tries_are_limited_and_nothing_typed_is_lost(office: Visitor, time):
    form = office.get("/people/new")
    answers = [office.send(form, **NEW, password=WRONG) for _try in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "Retry-After" in answers[-1].headers
    assert "Noor Haddad" in answers[-1].text
    assert office.send(form, **NEW, password=PASSWORD).status_code == 429
    time.forward(minutes=15)
    assert office.send(form, **NEW, password=PASSWORD).status_code == 303


def test_r20_an_admin_with_a_second_step_proves_both(as_, time):
    office = as_(person(Role.ADMIN, totp_secret=SECRET))
    form = office.get("/people/new")
    assert office.send(form, **NEW, password=PASSWORD).status_code == 422
    assert office.send(form, **NEW, password=PASSWORD, code=code(time.now)).status_code == 303


def test_a_password_that_was_right_is_not_asked_again_when_something_else_is_wrong(office: Visitor):
    person(email="taken@school.example")
    answer = office.send("/people/new", **{**NEW, "email": "taken@school.example"}, password=PASSWORD)
    assert answer.status_code == 422
    assert 'name="password"' not in answer.text
    assert office.send(answer, **NEW).status_code == 303


def test_a_license_and_an_edit_are_asked_for_as_well(office: Visitor):
    user = person(Role.INSTRUCTOR)
    for path in (f"/people/{user.id}/edit", f"/people/{user.id}/credentials"):
        assert 'name="password"' in office.get(path).text
    typed = {"legal_name": "Another", "email": user.email, "login_name": "", "locale": ""}
    assert office.send(f"/people/{user.id}/edit", **typed).status_code == 422
    assert fresh(user.id).legal_name != "Another"
    db.session.rollback()
