"""Invitations, resets and slips: links that let a person in once."""

import email
import re
from email.policy import default
from pathlib import Path

import pytest

from lms import jobs
from lms.access import Role
from lms.accounts import people, service, tokens
from lms.accounts.models import AccessToken, User
from lms.accounts.rules import TokenKind
from lms.db import db
from lms.errors import RuleBroken
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, SECRET, Visitor, person
from tests.accounts.test_sign_in import events, without_secrets

ACCEPTED = {"legal_name": "Maya Lopez", "locale": "es", "adult": "y", "new_password": NEW_PASSWORD}


def letters(app) -> list[tuple[str, str, str]]:
    """(to, subject, text) of what the worker mails, in no order."""
    jobs.run_waiting()
    found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in _mails(app)]
    for path in _mails(app):
        path.unlink()
    return [(str(m["To"]), str(m["Subject"]), m.get_content()) for m in found]


def _mails(app) -> list[Path]:
    return list((app.config["DATA_DIR"] / "mail").glob("*.eml"))


def link_in(text: str) -> str:
    return re.search(r"http://localhost(/\S+)", text)[1]


def invited(role: Role = Role.STUDENT, **who: str) -> tuple[User, str]:
    """A new person and the path of their invitation."""
    user = service.create(legal_name="Maya Lopez", role=role, **(who or {"email": "maya@school.example"}))
    token = service.invite(user.id, by=None)
    return user, tokens.link(token).removeprefix("http://localhost")


def test_an_invited_student_is_in_after_one_page(visitor: Visitor, app):
    service.create(legal_name="Maya Lopez", role=Role.STUDENT, email="maya@school.example")
    service.invite(1, by=None)
    ((to, subject, text),) = letters(app)
    assert (to, subject) == ("maya@school.example", "Your place at Los Gatos School of Massage")
    answer = visitor.send(link_in(text), **ACCEPTED)
    assert answer.location == "/home"
    assert visitor.signed_in()
    user = db.session.get(User, 1, populate_existing=True)
    assert user.locale == "es"
    assert user.legal_name_confirmed_at
    assert user.adult_attested_at
    assert [event.subject_id for event in events("invitation_accepted")] == ["1"]


def test_the_letter_is_in_the_persons_language(app):
    service.create(legal_name="Maya Lopez", role=Role.STUDENT, email="maya@school.example", locale="es")
    service.invite(1, by=None)
    ((_to, _subject, text),) = letters(app)
    assert "de 20" in text, "the date is written in Spanish"


def test_staff_are_not_asked_for_their_age(visitor: Visitor):
    _user, link = invited(Role.INSTRUCTOR)
    assert 'name="adult"' not in visitor.get(link).text
    assert visitor.send(link, **ACCEPTED).location == "/home"


def test_a_student_must_say_that_they_are_of_age(visitor: Visitor):
    _user, link = invited()
    answer = visitor.send(link, **{name: value for name, value in ACCEPTED.items() if name != "adult"})
    assert answer.status_code == 422
    assert "Maya Lopez" in answer.text
    assert NEW_PASSWORD not in answer.text


@pytest.mark.parametrize("new", ["short", "Password1234!", "maya lopez maya", "LosGatosSchoolMassage"])
def test_r19_an_invited_person_chooses_a_good_password(visitor: Visitor, new: str):
    _user, link = invited()
    answer = visitor.send(link, **{**ACCEPTED, "new_password": new})
    assert answer.status_code == 422
    assert answer.text.count("errsum") > 0


def test_a_name_that_no_paper_can_print_is_sent_back(visitor: Visitor):
    _user, link = invited()
    answer = visitor.send(link, **{**ACCEPTED, "legal_name": "Maya \U0001f600"})
    assert answer.status_code == 422
    assert "U+1F600" in answer.text


def test_r21_a_link_is_long_random_and_stored_as_a_hash(app):
    _user, link = invited()
    secret = link.rsplit("/", 1)[1]
    assert len(secret) == 43, "256 bits"
    rows = repr(db.session.execute(db.text("select * from access_token")).all())
    rows += repr(db.session.execute(db.text("select * from job")).all())
    rows += repr(db.session.execute(db.text("select * from audit_event")).all())
    assert secret not in rows


def test_r21_a_link_works_once(visitor: Visitor, another: Visitor):
    _user, link = invited()
    assert visitor.send(link, **ACCEPTED).status_code == 303
    assert another.get(link).status_code == 410
    assert visitor.get(link).location == "/home", "a second click of the same person"


def test_r21_of_two_quick_clicks_one_counts(app):
    _user, _link = invited()
    token_id = db.session.scalars(db.select(AccessToken.id)).one()
    with db.write():
        tokens.use(token_id)
    with pytest.raises(RuleBroken), db.write():
        tokens.use(token_id)


@pytest.mark.parametrize(
    ("kind", "minutes"), [(TokenKind.RESET, 60), (TokenKind.SLIP, 60), (TokenKind.INVITATION, 7 * 24 * 60)]
)
def test_r21_links_end(visitor: Visitor, time, kind: TokenKind, minutes: int):
    user = person(password_hash=None)
    with db.write():
        link = tokens.link(tokens.issue(kind, user.id, None)).removeprefix("http://localhost")
    time.forward(minutes=minutes - 1)
    assert visitor.get(link).status_code == 200
    time.forward(minutes=1)
    assert visitor.get(link).status_code == 410


def test_r21_a_new_password_ends_every_open_link(visitor: Visitor, as_):
    user = person()
    with db.write():
        links = [tokens.link(tokens.issue(kind, user.id, None)) for kind in TokenKind]
    visitor.sign_in(user.email)
    visitor.send("/account/password", password=PASSWORD, new_password=NEW_PASSWORD)
    assert [as_().get(link.removeprefix("http://localhost")).status_code for link in links] == [410] * 3


def test_r21_a_new_email_ends_every_open_link(visitor: Visitor, admin: User):
    user, link = invited()
    people.edit(
        user.id,
        legal_name="Maya Lopez",
        email="new@school.example",
        login_name=None,
        locale=None,
        version=1,
        by=admin.id,
    )
    assert visitor.get(link).status_code == 410


def test_r21_a_newer_invitation_replaces_the_older(visitor: Visitor):
    user, link = invited()
    newer = tokens.link(service.invite(user.id, by=None)).removeprefix("http://localhost")
    assert visitor.get(link).status_code == 410
    assert visitor.get(newer).status_code == 200


def test_r21_an_account_that_is_off_opens_no_link(visitor: Visitor, admin: User):
    user, link = invited()
    people.switch(user.id, active=False, by=admin.id)
    assert visitor.get(link).status_code == 410
    with pytest.raises(RuleBroken):
        service.invite(user.id, by=admin.id)


def test_r21_links_begin_with_the_configured_address_whatever_the_host_header_says(visitor: Visitor, app):
    user = person()
    fields = visitor.forms(visitor.get("/reset"))[0].fields
    visitor.post("/reset", data={**fields, "login": user.email}, headers={"Host": "evil.example"})
    visitor.post("/reset", data={**fields, "login": user.email}, headers={"X-Forwarded-Host": "evil.example"})
    sent = letters(app)
    assert sent
    assert all("evil" not in text and "http://localhost/reset/" in text for _to, _subject, text in sent)


@pytest.mark.parametrize("path", ["/reset/", "/invitations/"])
def test_r22_a_made_up_link_is_not_found(visitor: Visitor, path: str):
    invited()
    assert visitor.get(path + "A" * 43).status_code == 404
    assert visitor.get(path + "x").status_code == 404


def test_r22_a_link_of_one_kind_does_not_open_the_other(visitor: Visitor):
    _user, link = invited()
    assert visitor.get(link.replace("/invitations/", "/reset/")).status_code == 404


def test_an_old_invitation_offers_a_new_one_in_one_tap(visitor: Visitor, app, time):
    _user, link = invited()
    letters(app)
    time.forward(days=8)
    page = visitor.get(link)
    answer = visitor.send(page, f"{link}/again")
    assert answer.location == "/invitations/sent"
    ((to, _subject, text),) = letters(app)
    assert to == "maya@school.example"
    assert visitor.get(link_in(text)).status_code == 200


def test_an_old_slip_says_whom_to_ask(visitor: Visitor, time):
    _user, link = invited(login_name="maya.lopez")
    time.forward(days=8)
    page = visitor.get(link)
    assert page.status_code == 410
    assert "/again" not in page.text
    fields = visitor.forms(visitor.get("/login"))[0].fields
    assert visitor.post(f"{link}/again", data=fields).status_code == 410


def test_no_letter_is_sent_for_a_link_that_was_replaced(app):
    user, _link = invited()
    service.invite(user.id, by=None)
    assert len(letters(app)) == 1


def test_a_letter_that_is_sent_twice_holds_the_same_link(app):
    _user, link = invited()
    token_id = db.session.scalars(db.select(AccessToken.id)).one()
    jobs.HANDLERS["mail.invitation"](token_id=token_id)
    assert {link_in(text) for _to, _subject, text in letters(app)} == {link}


# ---- reset ---------------------------------------------------------------------------------------------------------
def test_a_forgotten_password_is_replaced_by_mail(visitor: Visitor, another: Visitor, app):
    user = person()
    another.sign_in(user.email)
    visitor.send("/reset", login=user.email)
    ((_to, _subject, text),) = letters(app)
    assert visitor.send(link_in(text), new_password=NEW_PASSWORD).location == "/home"
    assert visitor.signed_in()
    assert not another.signed_in(), "R11: the old sessions are gone"
    assert another.sign_in(user.email).status_code == 422
    assert another.sign_in(user.email, NEW_PASSWORD).status_code == 303
    ((_to, subject, _text),) = letters(app)
    assert "was changed" in subject


def test_r17_reset_answers_alike_for_known_and_unknown(visitor: Visitor, another: Visitor, app):
    user = person(email="known@school.example")
    known = visitor.send("/reset", login=user.email)
    unknown = another.send("/reset", login="nobody@school.example")
    assert (known.status_code, without_secrets(known.text)) == (unknown.status_code, without_secrets(unknown.text))
    assert len(letters(app)) == 1
    assert len(events("reset_asked")) == 2


@pytest.mark.parametrize("changes", [{"active": False}, {"email": None, "login_name": "ana"}])
def test_no_reset_for_those_who_cannot_get_it(visitor: Visitor, app, changes: dict):
    user = person(**changes)
    visitor.send("/reset", login=user.sign_in_name)
    assert letters(app) == []


def test_r18_resets_are_limited(visitor: Visitor, time):
    person(email="ana@school.example")
    answers = [visitor.send("/reset", login="ana@school.example") for _try in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "Retry-After" in answers[-1].headers


def test_r20_a_reset_does_not_go_round_the_second_step(visitor: Visitor, app):
    user = person(Role.INSTRUCTOR, totp_secret=SECRET)
    visitor.send("/reset", login=user.email)
    ((_to, _subject, text),) = letters(app)
    assert visitor.send(link_in(text), new_password=NEW_PASSWORD).location == "/login"
    assert not visitor.signed_in()


def test_r18_a_reset_opens_an_account_that_strangers_tried(visitor: Visitor, as_, app, time):
    user = person()
    for _try in range(11):
        as_().sign_in(user.email, "not the right words")
    visitor.send("/reset", login=user.email)
    ((_to, _subject, text),) = letters(app)
    assert visitor.send(link_in(text), new_password=NEW_PASSWORD).location == "/home"
