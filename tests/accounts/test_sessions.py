"""Sessions end when they must, and what was typed meanwhile is not lost."""

from collections.abc import Callable

import pytest

from lms.access import Role
from lms.accounts import people, service
from lms.accounts.models import User, UserSession
from lms.db import db
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, SECRET, Visitor, code, person
from tests.accounts.test_sign_in import events


def copy_of(visitor: Visitor, as_: Callable[..., Visitor]) -> Visitor:
    """Another browser with the same cookie, as a thief has it."""
    thief = as_()
    thief.set_cookie("steadyhand", visitor.cookie())
    return thief


def sign_out(visitor: Visitor, user: User, admin: User) -> None:
    visitor.send("/account", "/logout")


def change_password(visitor: Visitor, user: User, admin: User) -> None:
    answer = visitor.send("/account/password", password=PASSWORD, new_password=NEW_PASSWORD)
    assert answer.location == "/account"


def change_role(visitor: Visitor, user: User, admin: User) -> None:
    people.change_role(user.id, Role.INSTRUCTOR, by=admin.id)


def switch_off(visitor: Visitor, user: User, admin: User) -> None:
    people.switch(user.id, active=False, by=admin.id)


def end_sessions(visitor: Visitor, user: User, admin: User) -> None:
    people.end_sessions(user.id, by=admin.id)


@pytest.mark.parametrize(
    "act", [sign_out, change_password, change_role, switch_off, end_sessions], ids=lambda act: act.__name__
)
def test_r11_a_copied_cookie_is_refused_on_the_very_next_request(visitor: Visitor, as_, admin: User, act):
    user = person()
    visitor.sign_in(user.email)
    thief = copy_of(visitor, as_)
    assert thief.signed_in()
    act(visitor, user, admin)
    assert not thief.signed_in()


def test_r11_a_changed_password_ends_every_other_browser_but_not_this_one(visitor: Visitor, another: Visitor):
    user = person()
    visitor.sign_in(user.email)
    another.sign_in(user.email)
    change_password(visitor, user, user)
    assert visitor.signed_in()
    assert not another.signed_in()


def test_r12_signing_in_makes_a_new_session_id(visitor: Visitor, as_):
    user = person()
    visitor.sign_in(user.email)
    former = copy_of(visitor, as_)
    with visitor.session_transaction() as session:
        before = dict(session)
    visitor.send("/account", "/logout")
    visitor.sign_in(user.email)
    with visitor.session_transaction() as session:
        assert session["_user_id"] != before["_user_id"]
    assert not former.signed_in()


def test_r12_an_id_planted_before_sign_in_is_not_taken_over(visitor: Visitor):
    with visitor.session_transaction() as session:
        session["_user_id"] = "planted"
    visitor.sign_in(person().email)
    with visitor.session_transaction() as session:
        assert session["_user_id"] != "planted"


def test_r12_proving_again_who_you_are_makes_a_new_session_id(visitor: Visitor, as_, time):
    visitor.sign_in(person().email)
    time.forward(minutes=11)
    asked = visitor.get("/account/sessions")
    assert asked.location == "/account/confirm?next=/account/sessions"
    thief = copy_of(visitor, as_)
    answer = visitor.send(asked.location, "/account/confirm", password=PASSWORD)
    assert answer.location == "/account/sessions"
    assert visitor.get("/account/sessions").status_code == 200
    assert not thief.signed_in()


def test_proving_who_you_are_takes_the_second_step_where_there_is_one(visitor: Visitor, time):
    user = person(totp_secret=SECRET)
    page = visitor.sign_in(user.email)
    visitor.send(page, "/login/code", code=code(time.now))
    time.forward(minutes=11)
    assert visitor.send("/account/confirm", password=PASSWORD, code="").status_code == 422
    assert visitor.send("/account/confirm", password="wrong words", code=code(time.now)).status_code == 422
    time.forward(seconds=30)
    assert visitor.send("/account/confirm", password=PASSWORD, code=code(time.now)).status_code == 303


def test_r18_proving_who_you_are_is_limited(visitor: Visitor, time):
    visitor.sign_in(person().email)
    answers = [visitor.send("/account/confirm", password="wrong words").status_code for _try in range(11)]
    assert answers == [422] * 10 + [429]


def test_reauthentication_leaves_what_the_caller_loaded(app):
    user = person()
    loaded = db.session.scalars(db.select(User).options(db.selectinload(User.credentials)).filter_by(id=user.id)).one()
    assert service.reauthenticate(user, PASSWORD)
    assert not service.reauthenticate(user, "wrong words")
    assert loaded.credentials == []


def test_reauthentication_inside_a_write_is_a_programming_error(app):
    user = person()
    with pytest.raises(RuntimeError), db.write():
        service.reauthenticate(user, PASSWORD)


def test_a_person_sees_and_ends_their_own_sessions(visitor: Visitor, another: Visitor):
    user = person()
    another.sign_in(user.email)
    visitor.sign_in(user.email)
    page = visitor.get("/account/sessions")
    assert page.text.count('/end"') == 2
    other = db.session.scalars(db.select(UserSession.id).order_by(UserSession.id)).first()
    assert visitor.send(page, f"/account/sessions/{other}/end").location == "/account/sessions"
    assert not another.signed_in()
    assert visitor.signed_in()
    assert events("session_ended")[0].actor_id == user.id


def test_ending_this_session_signs_out(visitor: Visitor):
    visitor.sign_in(person().email)
    (mine,) = db.session.scalars(db.select(UserSession.id))
    visitor.send("/account/sessions", f"/account/sessions/{mine}/end")
    assert not visitor.signed_in()


def test_all_others_end_at_once(visitor: Visitor, another: Visitor):
    user = person()
    another.sign_in(user.email)
    visitor.sign_in(user.email)
    visitor.send("/account/sessions", "/account/sessions/end-others")
    assert (visitor.signed_in(), another.signed_in()) == (True, False)


def test_r22_nobody_ends_the_session_of_another_person(visitor: Visitor, another: Visitor):
    another.sign_in(person().email)
    (theirs,) = db.session.scalars(db.select(UserSession.id))
    visitor.sign_in(person().email)
    fields = visitor.forms(visitor.get("/account"))[0].fields
    answer = visitor.post(f"/account/sessions/{theirs}/end", data={"csrf_token": fields["csrf_token"]})
    nothing = visitor.post("/account/sessions/999999/end", data={"csrf_token": fields["csrf_token"]})
    assert answer.status_code == nothing.status_code == 404
    assert another.signed_in()


# ---- what was typed when the session had ended -------------------------------------------------------------------
TYPED = {"legal_name": "Noor Haddad", "role": "student", "email": "noor@school.example", "locale": ""}


def idle(visitor: Visitor, admin: User, time) -> str:
    """The sign-in page that an admin meets who comes back to a half-filled form after an hour."""
    visitor.sign_in(admin.email)
    form = visitor.get("/people/new")
    time.forward(hours=1)
    answer = visitor.send(form, **TYPED, password="secret-1", code="123456")
    assert answer.status_code == 401
    assert db.session.scalars(db.select(User).filter_by(email="noor@school.example")).all() == []
    return answer


def test_what_was_typed_is_sent_after_signing_in(visitor: Visitor, admin: User, time):
    asked = idle(visitor, admin, time)
    assert "secret-1" not in asked.text
    again = visitor.send(asked, "/login", login=admin.email, password=PASSWORD)
    assert again.status_code == 200
    assert "Noor Haddad" in again.text
    assert "secret-1" not in again.text
    assert "123456" not in again.text
    answer = visitor.send(again, "/people/new")
    assert answer.status_code == 303
    assert db.session.scalars(db.select(User).filter_by(email="noor@school.example")).one().legal_name == "Noor Haddad"


def test_what_was_typed_survives_a_wrong_password_and_the_second_step(visitor: Visitor, time):
    admin = person(Role.ADMIN, totp_secret=SECRET)
    visitor.send(visitor.sign_in(admin.email), "/login/code", code=code(time.now))
    form = visitor.get("/people/new")
    time.forward(hours=1)
    page = visitor.send(form, **TYPED)
    page = visitor.send(page, "/login", login=admin.email, password="wrong words")
    page = visitor.send(page, "/login", login=admin.email, password=PASSWORD)
    page = visitor.send(page, "/login/code", code="000000")
    page = visitor.send(page, "/login/code", code=code(time.now))
    assert visitor.send(page, "/people/new").status_code == 303


def test_somebody_else_at_the_same_browser_does_not_see_what_was_typed(visitor: Visitor, admin: User, time):
    asked = idle(visitor, admin, time)
    answer = visitor.send(asked, "/login", login=person(Role.ADMIN).email, password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/people/new")


@pytest.mark.parametrize("kept", ["", "rubbish", "eyJwYXRoIjoiLyJ9.sig"])
def test_r16_what_is_kept_cannot_be_made_up(visitor: Visitor, kept: str):
    assert visitor.sign_in(person().email, kept=kept).status_code == 303


def test_a_form_of_yesterday_is_not_kept(visitor: Visitor, admin: User, time):
    asked = idle(visitor, admin, time)
    time.forward(hours=13)
    assert visitor.send(asked, "/login", login=admin.email, password=PASSWORD).status_code == 303


# ---- forms from elsewhere ----------------------------------------------------------------------------------------
def posts(app) -> list[str]:
    """Every address of this feature that takes a form, with numbers that exist for none."""
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("accounts.") and "POST" in rule.methods
    ]
    return [
        rule.rule.replace("<int:user_id>", "1").replace("<int:session_id>", "1").replace("<token>", "x")
        for rule in rules
    ]


def stored() -> list[tuple]:
    db.session.rollback()
    return [
        tuple(row) for row in db.session.execute(db.text("select id, role, active, version, password_hash from person"))
    ]


@pytest.mark.parametrize("token", ["none", "bad", "another session's"])
def test_r13_every_form_needs_this_sessions_token(app, as_, token: str):
    admin = person(Role.ADMIN)
    browser, other = as_(admin), as_(person(Role.ADMIN))
    theirs = other.forms(other.get("/account"))[0].fields["csrf_token"]
    browser.get("/account")
    before, addresses = stored(), posts(app)
    assert len(addresses) > 20
    for address in addresses:
        data = {"none": {}, "bad": {"csrf_token": "x"}, "another session's": {"csrf_token": theirs}}[token]
        typed = {
            "language": "es",
            "role": "auditor",
            "password": PASSWORD,
            "new_password": NEW_PASSWORD,
            "legal_name": "X",
        }
        assert browser.post(address, data={**data, **typed}).status_code == 400, address
    assert stored() == before
    assert browser.signed_in()


def test_r13_reading_a_page_changes_nothing(app, as_):
    browser = as_(person(Role.ADMIN))
    before = stored()
    for address in posts(app):
        assert browser.get(address).status_code in (200, 303, 404, 405, 410), address
    assert stored() == before
    assert browser.signed_in()


def test_the_next_form_after_sign_in_has_a_token_of_the_new_session(visitor: Visitor):
    user = person()
    before = visitor.forms(visitor.get("/login"))[0].fields["csrf_token"]
    visitor.sign_in(user.email)
    assert visitor.post("/reading", data={"csrf_token": before, "reading": "easy"}).status_code == 400
    assert visitor.send("/account", "/logout").status_code == 303
