"""One's own account: password, second step, name, language."""

import dataclasses
import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from lms import pdf_names
from lms.access import Role
from lms.accounts import second_factor, service
from lms.accounts.models import RecoveryCode, StaffCredential, User
from lms.accounts.passwords import HASHER as COST
from lms.db import db
from lms.errors import RuleBroken, SchoolError
from lms.school import service as school
from tests import factories
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, SECRET, Visitor, code, person
from tests.accounts.test_sign_in import events


@pytest.fixture
def production_school(app):
    """The rules of a real school, on the test's plain http."""
    app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], env="production")


def fresh(user: User) -> User:
    db.session.rollback()
    return db.session.get(User, user.id, populate_existing=True)


# ---- password ----------------------------------------------------------------------------------------------------
def test_r19_the_present_password_is_needed_to_change_it(visitor: Visitor):
    user = person()
    visitor.sign_in(user.email)
    before = user.password_hash
    answer = visitor.send("/account/password", password="wrong words", new_password=NEW_PASSWORD)
    assert answer.status_code == 422
    assert fresh(user).password_hash == before
    assert visitor.send("/account/password", password=PASSWORD, new_password=NEW_PASSWORD).status_code == 303
    assert fresh(user).password_hash != before
    assert [event.actor_id for event in events("password_changed")] == [user.id]


@pytest.mark.parametrize("new", ["short", "Password1234!", "Massage School 2026", "aaaaaaaaaaaaaaaa"])
def test_r19_a_bad_new_password_is_refused_with_a_reason(visitor: Visitor, new: str):
    visitor.sign_in(person().email)
    answer = visitor.send("/account/password", password=PASSWORD, new_password=new)
    assert answer.status_code == 422
    assert 'id="new_password-err"' in answer.text
    assert f'value="{new}"' not in answer.text


def test_r19_a_password_of_64_letters_and_more_works(visitor: Visitor, as_):
    user = person()
    visitor.sign_in(user.email)
    long = "the heron waits in cold water while the fog climbs slowly over seven pale hills"
    assert visitor.send("/account/password", password=PASSWORD, new_password=long).status_code == 303
    assert as_().sign_in(user.email, long).status_code == 303
    assert as_().sign_in(user.email, long[:-1]).status_code == 422


def test_r19_passwords_are_kept_as_argon2id(app):
    assert COST.hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_r39_no_password_reaches_the_record_or_the_log(visitor: Visitor, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    visitor.sign_in(person().email)
    visitor.send("/account/password", password=PASSWORD, new_password=NEW_PASSWORD)
    for table in ("audit_event", "job", "act_key", "person"):
        rows = repr(db.session.execute(db.text(f"select * from {table}")).all())
        assert PASSWORD not in rows
        assert NEW_PASSWORD not in rows
    assert NEW_PASSWORD not in caplog.text


# ---- second step ---------------------------------------------------------------------------------------------------
def secret_on(page: str) -> str:
    return re.search(r'<code class="hash">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")


def set_up(visitor: Visitor, time) -> tuple[str, list[str]]:
    page = visitor.get("/account/second-factor")
    secret = secret_on(page.text)
    answer = visitor.send(page, code=pyotp.TOTP(secret).at(time.now))
    return secret, re.findall(r"<code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>", answer.text)


def test_r20_staff_of_a_real_school_set_up_a_second_step_before_anything_else(
    visitor: Visitor, production_school, time
):
    admin = person(Role.ADMIN)
    assert visitor.sign_in(admin.email).location == "/account/second-factor"
    for path in ("/people", "/account", "/account/password", "/home"):
        assert visitor.get(path).location == "/account/second-factor", path
    _secret, codes = set_up(visitor, time)
    assert len(codes) == 10
    assert visitor.get("/people").status_code == 200
    assert [event.actor_id for event in events("second_factor_on")] == [admin.id]


def test_r20_students_are_not_asked(visitor: Visitor, production_school):
    assert visitor.sign_in(person().email).location == "/home"


def test_r20_a_demo_school_does_not_ask(visitor: Visitor, production_school):
    with db.write():
        school.current().demo = True
    assert visitor.sign_in(person(Role.ADMIN).email).location == "/home"


def test_r20_the_school_may_lift_the_rule_with_a_dated_policy(visitor: Visitor, production_school):
    school.set_policy(
        "staff_second_factor", False, effective_from=school.today(), source="board of 2026-11-20", by=None
    )
    assert visitor.sign_in(person(Role.ADMIN).email).location == "/home"


def test_r20_the_secret_is_stored_only_once_it_works(visitor: Visitor, time):
    user = person()
    visitor.sign_in(user.email)
    page = visitor.get("/account/second-factor")
    assert visitor.send(page, code="000000").status_code == 422
    assert fresh(user).totp_secret is None
    set_up(visitor, time)
    assert fresh(user).totp_secret


def test_r20_the_secret_is_stored_sealed_for_this_person_alone(visitor: Visitor, time):
    user, other = person(), person()
    visitor.sign_in(user.email)
    secret, _codes = set_up(visitor, time)
    stored = fresh(user).totp_secret
    assert secret not in stored
    with db.write():
        db.locked(User, other.id).totp_secret = stored
    time.forward(seconds=30)
    assert not second_factor.accept(other.id, pyotp.TOTP(secret).at(time.now))
    assert second_factor.accept(user.id, pyotp.TOTP(secret).at(time.now))


def test_r20_a_secret_sealed_with_another_key_lets_nobody_in(visitor: Visitor, app, time):
    user = person()
    visitor.sign_in(user.email)
    secret, _codes = set_up(visitor, time)
    time.forward(seconds=30)
    app.secret_key = "another key of another school, long enough"
    assert not second_factor.accept(user.id, pyotp.TOTP(secret).at(time.now))


def test_r20_a_secret_of_before_is_sealed_when_its_code_is_used(app, time):
    user = person(totp_secret=SECRET)
    assert second_factor.accept(user.id, code(time.now))
    assert SECRET not in fresh(user).totp_secret
    time.forward(seconds=30)
    assert second_factor.accept(user.id, code(time.now))


def test_r20_the_code_of_setting_up_is_used_up(visitor: Visitor, time):
    user = person()
    visitor.sign_in(user.email)
    secret, _codes = set_up(visitor, time)
    assert not second_factor.accept(user.id, pyotp.TOTP(secret).at(time.now))
    time.forward(seconds=30)
    assert second_factor.accept(user.id, pyotp.TOTP(secret).at(time.now))


def test_r20_a_recovery_code_lets_in_once(visitor: Visitor, another: Visitor, time):
    user = person()
    visitor.sign_in(user.email)
    _secret, codes = set_up(visitor, time)
    page = another.sign_in(user.email)
    assert another.send(page, "/login/code", code=codes[0].lower()).status_code == 303
    page = another.send("/account", "/logout") and another.sign_in(user.email)
    assert another.send(page, "/login/code", code=codes[0]).status_code == 422
    assert second_factor.codes_left(user.id) == 9
    assert len(events("recovery_code_used")) == 1


def test_recovery_codes_are_stored_as_keyed_hashes_and_can_be_renewed(visitor: Visitor, time):
    user = person()
    visitor.sign_in(user.email)
    _secret, codes = set_up(visitor, time)
    stored = db.session.scalars(select(RecoveryCode.hash)).all()
    assert all(len(hash_) == 64 for hash_ in stored)
    assert not {code.replace("-", "") for code in codes} & set(stored)
    visitor.send("/account/second-factor", "/account/second-factor/codes")
    assert not second_factor.accept(user.id, codes[0])
    assert second_factor.codes_left(user.id) == 10


def test_turning_it_off_needs_a_fresh_proof(visitor: Visitor, time):
    user = person()
    visitor.sign_in(user.email)
    set_up(visitor, time)
    page = visitor.get("/account/second-factor")
    time.forward(minutes=11)
    answer = visitor.send(page, "/account/second-factor/off")
    assert answer.location.startswith("/account/confirm")
    assert fresh(user).has_second_factor


def test_a_scan_gives_the_same_secret_as_the_written_key(visitor: Visitor):
    visitor.sign_in(person().email)
    page = visitor.get("/account/second-factor").text
    assert '<path d="M' in page
    assert len(secret_on(page)) == 32


# ---- name and age --------------------------------------------------------------------------------------------------
def test_a_student_sees_the_name_as_printed_and_confirms_it_once(visitor: Visitor):
    user = person(legal_name="Zoe Nguyen")
    visitor.sign_in(user.email)
    look = visitor.send("/account/name", legal_name=" Zoë   Nguyễn ")
    assert "Zoë Nguyễn" in look.text
    assert fresh(user).legal_name == "Zoe Nguyen", "looking changes nothing"
    assert visitor.send(look, sure="yes").location == "/account"
    user = fresh(user)
    assert (user.legal_name, user.sort_key) == ("Zoë Nguyễn", "zoe nguyen")
    assert user.legal_name_confirmed_at
    assert visitor.get("/account/name").text.count("Ask the school to correct it") == 1
    with pytest.raises(RuleBroken):
        service.confirm_legal_name(user.id, "Somebody Else", user.id)


@pytest.mark.parametrize("name", ["Ana \U0001f600", "李 अनिता", "W" * 110])
def test_a_name_that_cannot_be_printed_is_sent_back_with_a_reason(visitor: Visitor, name: str):
    visitor.sign_in(person().email)
    answer = visitor.send("/account/name", legal_name=name)
    assert answer.status_code == 422
    with pytest.raises(pdf_names.PdfRefused):
        service.confirm_legal_name(1, name, 1)


def test_a_student_says_that_they_are_of_age_once(visitor: Visitor):
    user = person()
    visitor.sign_in(user.email)
    assert visitor.send("/account/adult").status_code == 422
    assert visitor.send("/account/adult", adult="y").location == "/account"
    assert fresh(user).adult_attested_at
    assert visitor.get("/account/adult").location == "/account"


# ---- language and reading ------------------------------------------------------------------------------------------
def choose(visitor: Visitor, path: str, **fields: str):
    token = visitor.forms(visitor.get("/login" if path == "/language" else "/account"))[0].fields["csrf_token"]
    return visitor.post(path, data={"csrf_token": token, **fields})


def test_a_visitors_language_is_kept_in_the_browser_and_through_sign_in(visitor: Visitor):
    user = person(locale=None)
    assert choose(visitor, "/language", language="es", next="/login").location == "/login"
    assert '<html lang="es"' in visitor.get("/login").text
    visitor.sign_in(user.email)
    assert '<html lang="es"' in visitor.get("/account").text


def test_a_persons_language_is_kept_on_the_person(as_):
    user = person()
    browser = as_(user)
    token = browser.forms(browser.get("/account"))[0].fields["csrf_token"]
    browser.post("/language", data={"csrf_token": token, "language": "es", "next": "/account"})
    assert fresh(user).locale == "es"
    browser.post("/language", data={"csrf_token": token, "language": "xx", "next": "//evil.example"})
    assert fresh(user).locale == "es"


def test_easier_reading_is_kept_on_the_person(as_):
    user = person()
    browser = as_(user)
    assert choose(browser, "/reading", reading="easy", next="/account").location == "/account"
    assert fresh(user).easy_reading
    assert 'data-reading="easy"' in browser.get("/account").text
    choose(browser, "/reading", reading="plain", next="https://evil.example")
    assert not fresh(user).easy_reading


# ---- what others ask about a person ----------------------------------------------------------------------------------
def test_the_longest_valid_credential_counts(app):
    instructor, today = factories.user(Role.INSTRUCTOR), school.today()
    for kind, days in (("PT", -1), ("PT", 10), ("BLS", 400)):
        service.add_credential(instructor.id, kind=kind, number="1", expires_on=today + timedelta(days=days), by=None)
    assert service.valid_credential(instructor.id, ["PT", "PTA"], today).expires_on == today + timedelta(days=10)
    assert service.valid_credential(instructor.id, ["PT"], today + timedelta(days=11)) is None
    assert service.valid_credential(instructor.id, ["CMT"], today) is None
    assert [row.kind for row in service.credentials_of(instructor.id)] == ["BLS", "PT", "PT"]


def test_credentials_are_for_staff(app):
    with pytest.raises(RuleBroken):
        service.add_credential(factories.user().id, kind="PT", number="1", expires_on=school.today(), by=None)
    assert not db.session.scalars(select(StaffCredential)).all()


def test_r22_a_student_sees_nobody_but_themself(app):
    student, other = factories.user(), factories.user()
    assert service.get(student.id, for_=student).id == student.id
    for number in (other.id, 999_999):
        with pytest.raises(SchoolError):
            service.get(number, for_=student)


def test_verify_and_reauthenticate(app, time):
    user = person(Role.INSTRUCTOR, totp_secret=SECRET)
    assert service.verify_password(user, PASSWORD)
    assert not service.verify_password(user, NEW_PASSWORD)
    assert not service.reauthenticate(user, PASSWORD)
    assert not service.reauthenticate(user, NEW_PASSWORD, code(time.now))
    time.forward(seconds=30)
    assert service.reauthenticate(user, PASSWORD, code(time.now))
    assert not service.reauthenticate(user, PASSWORD, code(time.now)), "each code once"
