"""The office's pages: find, add, edit, switch off, invite, credentials; and the console."""

import argparse
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.access import Role
from lms.accounts import commands, people, service
from lms.accounts.models import StaffCredential, User, UserSession
from lms.cli import main
from lms.db import db
from lms.errors import Conflict, NotAllowed, RuleBroken
from lms.school import service as school
from tests import factories
from tests.accounts.conftest import PASSWORD, SECRET, Visitor, code, just_proved, person
from tests.accounts.test_links import letters
from tests.accounts.test_sign_in import events

NEW = {"legal_name": "Noor Haddad", "role": "student", "email": "Noor@School.example", "locale": "es"}


@pytest.fixture
def office(as_: Callable[..., Visitor], admin: User) -> Visitor:
    """The browser of an admin who proved a moment ago who they are."""
    return just_proved(as_(admin))


def fresh(user_id: int) -> User:
    db.session.rollback()
    return db.session.get(User, user_id, populate_existing=True)


def named(name: str) -> User:
    db.session.rollback()
    return db.session.scalars(sa.select(User).filter_by(legal_name=name)).one()


def crowd(n: int, **changes) -> None:
    with db.write():
        for k in range(n):
            db.session.add(
                User(
                    email=f"crowd{k}@school.example",
                    role=Role.STUDENT,
                    legal_name=f"Crowd {k:03}",
                    sort_key=f"crowd {k:03}",
                    search_key=f"crowd {k:03} crowd{k}@school.example",
                    created_at=factories.clock.now(),
                    **changes,
                )
            )


# ---- who may -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.STUDENT, Role.INSTRUCTOR, Role.AUDITOR])
def test_only_admins_manage_people(as_, role: Role):
    browser, other = as_(person(role)), person()
    for path in (
        "/people",
        "/people/new",
        f"/people/{other.id}",
        f"/people/{other.id}/edit",
        f"/people/{other.id}/slip",
    ):
        assert browser.get(path).status_code == 403, path
    token = browser.forms(browser.get("/account"))[0].fields["csrf_token"]
    for act in ("off", "on", "end-sessions", "invite", "reset", "slip", "role", "credentials", "second-factor/off"):
        answer = browser.post(f"/people/{other.id}/{act}", data={"csrf_token": token, "role": "admin"})
        assert answer.status_code == 403, act
    assert fresh(other.id).role is Role.STUDENT


def test_r22_a_number_that_is_nobodys_is_not_found(office: Visitor):
    assert office.get("/people/999999").status_code == 404
    assert office.get("/people/999999/edit").status_code == 404


def test_r39_whose_record_was_looked_at_is_on_record(office: Visitor, admin: User):
    user = person()
    office.get(f"/people/{user.id}")
    office.get(f"/people/{admin.id}")
    assert [(event.actor_id, event.subject_id) for event in events("person_viewed")] == [(admin.id, str(user.id))]


# ---- the list ------------------------------------------------------------------------------------------------------
def test_the_list_pages_by_name_and_goes_back(office: Visitor, admin: User):
    crowd(120)
    first = people.page(people.Filter("crowd"), for_=admin)
    second = people.page(people.Filter("crowd"), for_=admin, after=first.after)
    third = people.page(people.Filter("crowd"), for_=admin, after=second.after)
    names = [row.legal_name for page in (first, second, third) for row in page.people]
    assert names == [f"Crowd {k:03}" for k in range(120)]
    assert (first.before, third.after) == (None, None)
    assert [row.id for row in people.page(people.Filter("crowd"), for_=admin, before=third.before).people] == [
        row.id for row in second.people
    ]
    assert people.page(people.Filter("crowd"), for_=admin, before=second.before).before is None


def test_people_of_one_name_are_neither_lost_nor_doubled(admin: User):
    crowd(3)
    with db.write():
        for row in db.session.scalars(sa.select(User).where(User.search_key.contains("crowd"))):
            row.sort_key = "same name"
    ids = []
    after = None
    for _page in range(3):
        query = people.page(people.Filter("crowd"), for_=admin, after=after)
        ids.append(query.people[0].id)
        after = query.people[0].id
    assert len(set(ids)) == 3


@pytest.mark.parametrize("words", ["nunez", "ÁLVARO", "nuñez alv", "alvaro@"])
def test_search_ignores_case_accents_and_order(office: Visitor, words: str):
    service.create(legal_name="Álvaro Núñez", role=Role.STUDENT, email="alvaro@school.example")
    service.create(legal_name="Somebody Else", role=Role.STUDENT, email="else@school.example")
    page = office.get("/people", query_string={"q": words}).text
    assert "Álvaro Núñez" in page
    assert "Somebody Else" not in page


def test_a_search_for_signs_is_just_text(office: Visitor):
    service.create(legal_name="Ana Lopez", role=Role.STUDENT, email="ana@school.example")
    for words in ("%", "_", "' OR 1=1 --", "(a+)+" * 500):
        assert "Ana Lopez" not in office.get("/people", query_string={"q": words}).text


def test_filters_stay_in_the_address(office: Visitor):
    crowd(60)
    page = office.get("/people?role=student&q=crowd").text
    assert "role=student" in page.split('rel="next"')[1][:200]
    assert "q=crowd" in page.split('rel="next"')[1][:200]


def test_those_who_are_switched_off_have_their_own_list(office: Visitor, admin: User):
    user = person(legal_name="Gone Away")
    people.switch(user.id, active=False, by=admin.id)
    assert "Gone Away" not in office.get("/people").text
    assert "Gone Away" in office.get("/people?off=1").text


@pytest.mark.parametrize("query", ["after=x", "after=99999999", "before=-1", "role=king", "off=2", "q=" + "a" * 5000])
def test_a_nonsense_address_shows_a_list(office: Visitor, query: str):
    assert office.get(f"/people?{query}").status_code == 200


# ---- add and edit ----------------------------------------------------------------------------------------------------
def test_an_added_person_gets_an_invitation(office: Visitor, app, admin: User):
    answer = office.send("/people/new", **NEW)
    user = named("Noor Haddad")
    assert answer.location == f"/people/{user.id}"
    assert (user.email, user.role, user.locale, user.sort_key) == (
        "noor@school.example",
        Role.STUDENT,
        "es",
        "noor haddad",
    )
    assert [to for to, _subject, _text in letters(app)] == ["noor@school.example"]
    assert [event.actor_id for event in events("person_added")] == [admin.id]


def test_a_double_click_adds_one_person(office: Visitor):
    form = office.get("/people/new")
    first, second = office.send(form, **NEW), office.send(form, **NEW)
    assert first.location == second.location
    assert named("Noor Haddad")


def test_a_person_without_email_gets_a_slip_with_a_code(office: Visitor, visitor: Visitor):
    office.send("/people/new", **{**NEW, "email": ""})
    user = named("Noor Haddad")
    assert user.login_name == "noor.haddad"
    slip = office.get(f"/people/{user.id}/slip")
    assert "noor.haddad" in slip.text
    assert '<path d="M' in slip.text
    link = slip.text.split("http://localhost/invitations/")[1].split("<")[0].strip()
    assert visitor.get(f"/invitations/{link}").status_code == 200


def test_login_names_are_numbered_when_taken(app):
    made = [service.create(legal_name="Ana Lopez", role=Role.STUDENT).login_name for _n in range(3)]
    assert made == ["ana.lopez", "ana.lopez2", "ana.lopez3"]


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "taken@school.example"},
        {"email": "TAKEN@school.example"},
        {"email": "not an address"},
        {"role": "king"},
        {"role": ""},
        {"legal_name": ""},
        {"legal_name": "x" * 200},
        {"login_name": "a b"},
        {"login_name": "a@b"},
        {"locale": "xx"},
    ],
)
def test_what_does_not_fit_is_sent_back_with_everything_typed(office: Visitor, changes: dict):
    person(email="taken@school.example")
    answer = office.send("/people/new", **{**NEW, **changes})
    assert answer.status_code == 422
    assert "errsum" in answer.text
    if "legal_name" not in changes:
        assert "Noor Haddad" in answer.text


def test_r3_fields_that_are_not_on_the_form_change_nothing(office: Visitor):
    office.send("/people/new", **NEW, active="0", password_hash="x", demo="1", legal_name_confirmed_at="2026-01-01")
    user = named("Noor Haddad")
    assert (user.active, user.password_hash, user.demo, user.legal_name_confirmed_at) == (True, None, False, None)


def test_an_edited_name_is_confirmed_anew(office: Visitor):
    user = person(legal_name="Ana Lopes", legal_name_confirmed_at=factories.clock.now())
    answer = office.send(f"/people/{user.id}/edit", legal_name="Ana López", email=user.email, login_name="", locale="")
    assert answer.location == f"/people/{user.id}"
    user = fresh(user.id)
    assert (user.legal_name, user.legal_name_confirmed_at, user.version) == ("Ana López", None, 2)
    assert user.search_key.startswith("ana lopez ")
    assert events("person_changed")[0].detail == {"fields": "legal_name"}


def test_r33_the_second_of_two_editors_sees_both_versions(office: Visitor, admin: User):
    user = person(legal_name="Ana Lopes")
    form = office.get(f"/people/{user.id}/edit")
    people.edit(user.id, legal_name="Ana López", email=user.email, login_name=None, locale=None, version=1, by=admin.id)
    answer = office.send(form, legal_name="Anna Lopez", email=user.email, login_name="", locale="")
    assert answer.status_code == 409
    table = answer.text.split("<tbody>")[1].split("</tbody>")[0]
    rows = [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in table.split("</tr>")]
    assert (rows[0], rows[3]) == ("Legal name Ana López Anna Lopez", "Language Not known yet Not known yet")
    assert fresh(user.id).legal_name == "Ana López"
    with pytest.raises(Conflict):
        people.edit(user.id, legal_name="X Y", email=None, login_name="xy1", locale=None, version=1, by=admin.id)


def test_nobody_is_left_without_a_way_to_sign_in(office: Visitor):
    user = person()
    answer = office.send(f"/people/{user.id}/edit", legal_name="Ana", email="", login_name="", locale="")
    assert answer.status_code == 422
    assert fresh(user.id).email


# ---- role, on and off, sessions --------------------------------------------------------------------------------------
def test_r11_a_changed_role_ends_the_sessions(office: Visitor, as_, admin: User):
    user = person()
    theirs = as_(user)
    page = office.get(f"/people/{user.id}")
    assert office.send(page, f"/people/{user.id}/role", role="instructor").status_code == 303
    assert not theirs.signed_in()
    (event,) = events("role_changed")
    assert (event.actor_id, event.detail) == (admin.id, {"old": "student", "new": "instructor"})


@pytest.mark.parametrize("act", ["off", "end-sessions"])
def test_r11_switching_off_and_ending_sessions_take_effect_at_once(office: Visitor, as_, act: str):
    user = person()
    theirs = as_(user)
    office.send(f"/people/{user.id}", f"/people/{user.id}/{act}")
    assert not theirs.signed_in()
    assert as_().sign_in(user.email).status_code == (422 if act == "off" else 303)


def test_an_account_is_switched_on_again(office: Visitor, as_):
    user = person()
    office.send(f"/people/{user.id}", f"/people/{user.id}/off")
    office.send(f"/people/{user.id}", f"/people/{user.id}/on")
    assert as_().sign_in(user.email).status_code == 303
    assert len(events("disabled")) == len(events("enabled")) == 1


def test_admins_do_not_shut_themselves_out(office: Visitor, admin: User):
    token = office.forms(office.get("/account"))[0].fields["csrf_token"]
    for act in ("off", "role"):
        office.post(f"/people/{admin.id}/{act}", data={"csrf_token": token, "role": "student"})
    assert (fresh(admin.id).active, fresh(admin.id).role) == (True, Role.ADMIN)


def test_an_admin_is_left_whoever_acts(app):
    only, gone = person(Role.ADMIN), person(Role.ADMIN, active=False)
    for act in (
        lambda by: people.switch(only.id, active=False, by=by),
        lambda by: people.change_role(only.id, Role.STUDENT, by=by),
    ):
        with pytest.raises(NotAllowed):
            act(gone.id)
        with pytest.raises(RuleBroken):
            act(only.id)


def test_a_new_invitation_is_mailed_or_printed(office: Visitor, app):
    with_mail, without = person(password_hash=None), person(password_hash=None, email=None, login_name="ana")
    assert (
        office.send(f"/people/{with_mail.id}", f"/people/{with_mail.id}/invite").location == f"/people/{with_mail.id}"
    )
    assert office.send(f"/people/{without.id}", f"/people/{without.id}/invite").location == f"/people/{without.id}/slip"
    assert len(letters(app)) == 1


def test_r20_an_admin_helps_after_a_lost_phone_once_they_proved_who_they_are(visitor: Visitor, as_, time):
    admin = person(Role.ADMIN, totp_secret=SECRET)
    user = person(Role.INSTRUCTOR, totp_secret=SECRET)
    theirs = as_(user)
    visitor.send(visitor.sign_in(admin.email), "/login/code", code=code(time.now))
    page = visitor.get(f"/people/{user.id}")
    time.forward(minutes=11)
    asked = visitor.send(page, f"/people/{user.id}/second-factor/off")
    assert fresh(user.id).has_second_factor
    assert visitor.send(asked, password=PASSWORD).status_code == 422, "the code as well"
    answer = visitor.send(asked, password=PASSWORD, code=code(time.now))
    assert answer.location == f"/people/{user.id}"
    assert not fresh(user.id).has_second_factor
    assert not theirs.signed_in()


def test_staff_credentials_are_noted_with_their_last_day(office: Visitor, admin: User):
    instructor = person(Role.INSTRUCTOR)
    last = school.today() + timedelta(days=100)
    path = f"/people/{instructor.id}/credentials"
    assert office.send(path, kind="PT", number="", expires_on=last.isoformat()).status_code == 422
    assert office.send(path, kind="ND", number="1", expires_on=last.isoformat()).status_code == 422
    assert office.send(path, kind="PT", number=" PT 12345 ", expires_on=last.isoformat()).status_code == 303
    row = db.session.scalars(sa.select(StaffCredential)).one()
    assert (row.kind, row.number, row.expires_on, row.recorded_by_id) == ("PT", "PT 12345", last, admin.id)
    assert "PT 12345" in office.get(f"/people/{instructor.id}").text


# ---- the console -----------------------------------------------------------------------------------------------------
def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    commands.add_arguments(parser)
    return commands.run(parser.parse_args(words))


def test_the_console_adds_the_first_admin_and_prints_the_link(visitor: Visitor, capsys: pytest.CaptureFixture):
    assert run("add", "--name", "Ruth Okafor", "--role", "admin", "--email", "ruth@school.example") == 0
    link = capsys.readouterr().out.splitlines()[-1]
    assert link.startswith("http://localhost/invitations/")
    assert visitor.get(link.removeprefix("http://localhost")).status_code == 200
    assert named("Ruth Okafor").role is Role.ADMIN


def test_the_console_refuses_what_does_not_fit(app, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    person(email="ruth@school.example")
    monkeypatch.setattr("lms.app.create_app", lambda: app)
    taken = ["user", "add", "--name", "Ruth Okafor", "--role", "admin", "--email", "ruth@school.example"]
    assert main(taken) == 1
    assert "in use" in capsys.readouterr().err
    with pytest.raises(SystemExit) as wrong:
        main(["user", "add", "--name", "Ruth Okafor", "--role", "king"])
    assert wrong.value.code == 2


def test_sessions_of_a_disabled_person_do_not_wake_up_again(office: Visitor, as_):
    user = person()
    theirs = as_(user)
    office.send(f"/people/{user.id}", f"/people/{user.id}/off")
    office.send(f"/people/{user.id}", f"/people/{user.id}/on")
    assert not theirs.signed_in()
    assert db.session.scalars(sa.select(UserSession).filter_by(user_id=user.id, revoked_at=None)).all() == []
