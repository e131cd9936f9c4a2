"""Signing in, and who is kept out."""

import dataclasses
import re
from datetime import timedelta

import pytest

from lms import audit
from lms.access import Role
from lms.accounts import passwords, sign_in
from lms.accounts.login import token_hash
from lms.accounts.models import User, UserSession
from lms.app import create_app
from lms.db import db
from tests.accounts.conftest import PASSWORD, SECRET, Visitor, code, person
from tests.accounts.test_rules import ELSEWHERE

WRONG = "not the right words"


def events(action: str) -> list[audit.AuditEvent]:
    db.session.rollback()
    return list(db.session.scalars(db.select(audit.AuditEvent).filter_by(action=action).order_by(audit.AuditEvent.id)))


def without_secrets(page: str) -> str:
    """The page without what is new on each."""
    return re.sub(r'value="[^"]*"', "", page)


def test_a_person_signs_in_by_email_in_any_case(visitor: Visitor):
    person(email="ana@school.example")
    answer = visitor.sign_in("  Ana@School.Example ")
    assert (answer.status_code, answer.location) == (303, "/home")
    assert visitor.signed_in()


def test_a_person_without_email_signs_in_by_login_name(visitor: Visitor):
    person(email=None, login_name="ana.reyes")
    assert visitor.sign_in("Ana.Reyes").location == "/home"


def test_after_sign_in_the_page_that_was_wanted_opens(visitor: Visitor):
    user = person()
    asked = visitor.get("/account/password")
    assert asked.location == "/login?next=/account/password"
    assert visitor.send(asked.location, "/login", login=user.email, password=PASSWORD).location == "/account/password"


def test_who_is_signed_in_needs_no_sign_in_page(as_):
    assert as_(person()).get("/login").location == "/home"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_r16_sign_in_never_leads_to_another_site(visitor: Visitor, target: str):
    user = person()
    answer = visitor.sign_in(user.email, next=target)
    assert answer.location == "/home" or (answer.status_code == 400 and "\x00" in target)


@pytest.mark.parametrize(
    "changes",
    [{"active": False}, {"password_hash": None}, {}],
    ids=["switched off", "not yet invited", "wrong password"],
)
def test_r17_known_and_unknown_accounts_get_the_same_answer(visitor: Visitor, another: Visitor, changes: dict):
    user = person(**changes)
    known = visitor.sign_in(user.email, WRONG if not changes else PASSWORD)
    unknown = another.sign_in("nobody@school.example", WRONG)
    assert known.status_code == unknown.status_code == 422
    assert without_secrets(known.text) == without_secrets(unknown.text)
    assert {name for name, _ in known.headers} == {name for name, _ in unknown.headers}
    assert not visitor.signed_in()


@pytest.mark.parametrize("name", ["known@school.example", "nobody@school.example"])
def test_r17_each_refusal_hashes_exactly_once(visitor: Visitor, monkeypatch: pytest.MonkeyPatch, name: str):
    person(email="known@school.example")
    visitor.sign_in(name, WRONG)  # makes the hash that nobody's password has
    hashes, verify = [], passwords.HASHER.verify

    class Counted:
        def verify(self, hash_: str, password: str) -> bool:
            hashes.append(hash_)
            return verify(hash_, password)

    settings = passwords.hashed(PASSWORD).split("$")[1:4]
    monkeypatch.setattr(passwords, "HASHER", Counted())
    visitor.sign_in(name, WRONG)
    assert len(hashes) == 1
    assert hashes[0].split("$")[1:4] == settings, "as costly as any other"


def test_r18_an_account_is_guarded_against_tries_from_many_addresses(app, as_, time):
    user = person()
    for n in range(10):
        tried = as_().sign_in_from(f"192.0.2.{n}", user.email, WRONG)
        assert tried.status_code == 422
    refused = as_().sign_in_from("192.0.2.99", user.email, PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert as_().sign_in_from("192.0.2.99", person().email, PASSWORD).status_code == 303, "others are not kept out"


def test_r18_nobody_is_locked_out_for_good(as_, time):
    user = person()
    for _try in range(11):
        refused = as_().sign_in(user.email, WRONG)
    time.forward(seconds=int(refused.headers["Retry-After"]))
    assert as_().sign_in(user.email).status_code == 303


def test_r18_a_stranger_cannot_lock_the_owner_out_of_their_own_browser(visitor: Visitor, as_, time):
    user = person()
    visitor.sign_in(user.email)
    visitor.send("/account", "/logout")
    for _try in range(11):
        refused = as_().sign_in(user.email, WRONG)
    assert refused.status_code == 429
    assert visitor.sign_in(user.email).status_code == 303


def test_r18_a_known_browser_is_limited_too(visitor: Visitor, time):
    user = person()
    visitor.sign_in(user.email)
    visitor.send("/account", "/logout")
    answers = [visitor.sign_in(user.email, WRONG).status_code for _try in range(11)]
    assert answers == [422] * 10 + [429]


def test_r18_unknown_accounts_are_limited_alike(visitor: Visitor, time):
    answers = [visitor.sign_in("nobody@school.example", WRONG).status_code for _try in range(11)]
    assert answers == [422] * 10 + [429]


def test_r18_an_address_is_limited_over_all_accounts(visitor: Visitor, monkeypatch: pytest.MonkeyPatch, time):
    monkeypatch.setitem(sign_in.BY_ADDRESS, "limit", 3)
    answers = [visitor.sign_in(f"nobody{n}@school.example", WRONG).status_code for n in range(4)]
    assert answers == [422, 422, 422, 429]


def test_a_right_password_clears_the_count(visitor: Visitor, time):
    user = person()
    for _try in range(9):
        visitor.sign_in(user.email, WRONG)
    assert visitor.sign_in(user.email).status_code == 303
    visitor.send("/account", "/logout")
    assert visitor.sign_in(user.email, WRONG).status_code == 422


def test_what_was_typed_stays_but_the_password(visitor: Visitor):
    page = visitor.sign_in("ana@school.example", WRONG).text
    assert "ana@school.example" in page
    assert WRONG not in page


def test_a_hash_of_older_settings_is_made_anew(visitor: Visitor):
    user = person(password_hash=passwords.PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD))
    assert visitor.sign_in(user.email).status_code == 303
    db.session.refresh(user)
    assert user.password_hash.startswith("$argon2id$v=19$m=64,t=1,p=1$")


def test_r39_sign_ins_and_refusals_are_on_record_without_what_was_typed(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
):
    user = person()
    caplog.set_level("DEBUG")
    visitor.sign_in(user.email, "canary-secret-words-9")
    visitor.sign_in("canary@nowhere.example", "canary-secret-words-9")
    visitor.sign_in(user.email)
    visitor.send("/account", "/logout")
    refused, unknown = events("sign_in_refused")
    assert (refused.subject_kind, refused.subject_id, refused.address) == ("person", str(user.id), "127.0.0.1")
    assert unknown.subject_id is None
    assert [event.actor_id for event in events("signed_in") + events("signed_out")] == [user.id] * 2
    assert all(event.request_id for event in events("signed_in"))
    rows = db.session.execute(db.text("select * from audit_event")).all()
    assert "canary" not in repr(rows)
    assert "canary" not in caplog.text


def test_r39_a_refused_page_is_on_record(as_):
    user = person()
    assert as_(user).get("/people").status_code == 403
    (denied,) = events("denied")
    assert (denied.actor_id, denied.subject_id) == (user.id, "accounts.people")


def test_r41_signed_in_pages_are_stored_nowhere(as_):
    browser = as_(person(Role.ADMIN))
    for path in ("/account", "/people", "/account/password", "/nothing-here"):
        answer = browser.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" in answer.headers["Vary"]


def test_r43_what_a_client_calls_its_address_changes_nothing(visitor: Visitor):
    user = person()
    for n in range(11):
        page = visitor.get("/login")
        fields = visitor.forms(page)[0].fields
        told = {"X-Forwarded-For": f"203.0.113.{n}", "X-Forwarded-Host": "evil.example", "X-Real-IP": "203.0.113.1"}
        answer = visitor.post("/login", data={**fields, "login": user.email, "password": WRONG}, headers=told)
    assert answer.status_code == 429
    assert {event.address for event in events("sign_in_refused")} == {"127.0.0.1"}


def test_r43_behind_one_proxy_of_ours_its_last_word_counts(app):
    settings = dataclasses.replace(app.config["SETTINGS"], proxy_hops=1)
    behind = create_app(settings, testing=True)
    behind.test_client_class = Visitor
    with behind.app_context():
        visitor = behind.test_client()
        fields = visitor.forms(visitor.get("/login"))[0].fields
        told = {"X-Forwarded-For": "198.51.100.66, 203.0.113.7"}
        visitor.post("/login", data={**fields, "login": "nobody", "password": WRONG}, headers=told)
        assert events("sign_in_refused")[-1].address == "203.0.113.7"
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("login", ["x' OR 1=1 --", "a" * 254, "ana@@school", "İ@school.example"])
def test_odd_names_are_simply_unknown(visitor: Visitor, login: str):
    assert visitor.sign_in(login, WRONG).status_code == 422


def test_an_overlong_name_or_password_is_refused_before_hashing(visitor: Visitor):
    assert visitor.sign_in("a" * 300, WRONG).status_code == 422
    assert visitor.sign_in("ana@school.example", "p" * 2000).status_code == 422


def test_r20_the_second_step_comes_after_the_password(visitor: Visitor, time):
    user = person(Role.INSTRUCTOR, totp_secret=SECRET)
    page = visitor.sign_in(user.email)
    assert not visitor.signed_in()
    answer = visitor.send(page, "/login/code", code=code(time.now))
    assert answer.location == "/home"
    assert visitor.signed_in()


def test_r20_a_code_is_good_once(as_, time):
    user = person(Role.INSTRUCTOR, totp_secret=SECRET)
    seen = code(time.now)
    first, second = as_(), as_()
    pages = first.sign_in(user.email), second.sign_in(user.email)
    assert first.send(pages[0], "/login/code", code=seen).status_code == 303
    assert second.send(pages[1], "/login/code", code=seen).status_code == 422
    time.forward(seconds=30)
    assert second.send(pages[1], "/login/code", code=code(time.now)).status_code == 303


def test_r18_codes_are_limited(visitor: Visitor, time):
    page = visitor.sign_in(person(totp_secret=SECRET).email)
    answers = [visitor.send(page, "/login/code", code="000000") for _try in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "Retry-After" in answers[-1].headers


def test_r20_the_second_step_waits_ten_minutes(visitor: Visitor, time):
    page = visitor.sign_in(person(totp_secret=SECRET).email)
    time.forward(minutes=10, seconds=1)
    assert visitor.send(page, "/login/code", code=code(time.now)).location == "/login"


def test_the_second_step_dies_with_the_password(visitor: Visitor, time):
    user = person(totp_secret=SECRET)
    page = visitor.sign_in(user.email)
    with db.write():
        db.locked(User, user.id).password_hash = passwords.hashed("another one entirely")
    assert visitor.send(page, "/login/code", code=code(time.now)).location == "/login"


def test_the_cookie_holds_an_id_of_which_only_a_hash_is_stored(visitor: Visitor):
    visitor.sign_in(person().email)
    with visitor.session_transaction() as session:
        token = session["_user_id"]
    assert len(token) >= 43
    stored = db.session.scalars(db.select(UserSession)).one()
    assert stored.id_hash == token_hash(token)
    assert token not in repr(db.session.execute(db.text("select * from user_session")).all())


def test_r12_students_stay_for_thirty_days_and_staff_until_the_browser_closes(visitor: Visitor, another: Visitor):
    student = visitor.sign_in(person().email)
    staff = another.sign_in(person(Role.ADMIN).email)
    cookies = [
        next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("steadyhand="))
        for answer in (student, staff)
    ]
    assert "Expires=" in cookies[0]
    assert "Expires=" not in cookies[1]
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_an_https_school_sends_its_cookies_over_encrypted_lines_only(production, database_url):
    settings = dataclasses.replace(production, database_url=database_url, migration_database_url=database_url)
    app = create_app(settings, testing=True)
    with app.app_context():
        user = person()
        app.test_client_class = Visitor
        visitor = app.test_client()
        base = {"base_url": "https://school.example"}
        fields = visitor.forms(visitor.get("/login", **base))[0].fields
        answer = visitor.post(
            "/login",
            data={**fields, "login": user.email, "password": PASSWORD},
            headers={"Referer": "https://school.example/login"},
            **base,
        )
        assert answer.status_code == 303
        cookies = answer.headers.getlist("Set-Cookie")
        assert all(cookie.startswith("__Host-steadyhand") and "Secure" in cookie for cookie in cookies)
        assert len(cookies) == 2
        db.session.remove()
        db.engine.dispose()


def test_signing_out_twice_is_no_puzzle(visitor: Visitor):
    visitor.sign_in(person().email)
    page = visitor.get("/account")
    assert visitor.send(page, "/logout").location == "/login"
    assert visitor.get("/account").status_code == 303
    assert visitor.get("/login").status_code == 200


def test_a_session_ends_at_its_time_even_when_it_is_used(as_, time):
    browser = as_()
    browser.sign_in(person(Role.ADMIN).email)
    for _step in range(30):
        assert browser.signed_in()
        time.forward(minutes=24)
    assert not browser.signed_in()


@pytest.mark.parametrize(("idle", "stays"), [(timedelta(minutes=30), True), (timedelta(minutes=31), False)])
def test_r12_staff_are_signed_out_after_half_an_hour_without_a_sign_of_life(visitor: Visitor, time, idle, stays):
    visitor.sign_in(person(Role.INSTRUCTOR).email)
    time.forward(seconds=idle.total_seconds())
    assert visitor.signed_in() is stays


@pytest.mark.parametrize(("days", "stays"), [(29, True), (30, False)])
def test_r12_students_stay_signed_in_for_thirty_days(visitor: Visitor, time, days: int, stays: bool):
    visitor.sign_in(person().email)
    time.forward(days=days)
    assert visitor.signed_in() is stays


def test_last_seen_is_written_at_most_once_a_minute(visitor: Visitor, time):
    visitor.sign_in(person().email)
    began = time.now

    def seen() -> timedelta:
        db.session.rollback()
        return db.session.scalars(db.select(UserSession.seen_at)).one() - began

    time.forward(seconds=59)
    visitor.get("/account")
    assert seen() == timedelta(0)
    time.forward(seconds=2)
    visitor.get("/account")
    assert seen() == timedelta(seconds=61)
