"""R7: nobody signs as somebody else, an admin least of all: no way through the office ends in another's password."""

import pytest
from sqlalchemy import select, update

from lms import clock
from lms.access import Role
from lms.accounts import people, recovery, service, tokens
from lms.accounts.models import AccessToken, User, UserSession
from lms.accounts.rules import TokenKind, WayIn
from lms.audit import AuditEvent
from lms.db import db
from lms.errors import RuleBroken
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD
from tests.accounts.test_links import letters
from tests.attacks.acts import Cast, every
from tests.attacks.world import stored

ASKED = {  # with a password that was not typed lately
    "accounts.new_person",
    "accounts.edit_person",
    "accounts.credentials",
    "accounts.invite",
    "accounts.change_role",
    "accounts.switch_off",
    "accounts.switch_on",
    "accounts.lost_phone",
    "accounts.make_slip",
}


def open_links(user: User) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AccessToken.kind).filter_by(user_id=user.id, used_at=None)))


def moved(world, user: User, email: str | None) -> None:
    now = service.person(user.id)
    kept = {"legal_name": now.legal_name, "login_name": "a.name", "locale": "en", "version": now.version}
    people.edit(user.id, email=email, by=world.admin.id, **kept)


@pytest.mark.parametrize("act", ["invite", "slip"])
def test_r07_no_link_is_made_for_staff_who_chose_a_password(world, browsers, act: str):
    """R7"""
    office = browsers(world.admin)
    office.force(f"/people/{world.dana.id}/{act}")
    assert open_links(world.dana) == []
    assert office.get(f"/people/{world.dana.id}/slip").location == f"/people/{world.dana.id}"


def test_r07_a_letter_reaches_no_address_that_an_admin_wrote(world, browsers, app):
    """R7: the old address hears of it, the new one gets nothing, however long it waits and whoever asks."""
    old = str(world.dana.email)
    office, guest = browsers(world.admin), browsers(None)
    moved(world, world.dana, "thief@evil.example")
    office.force(f"/people/{world.dana.id}/reset")
    guest.force("/reset", login="thief@evil.example")
    assert open_links(world.dana) == []
    assert [(to, subject) for to, subject, _text in letters(app)] == [
        (old, "Your email at Los Gatos School of Massage was changed")
    ]


def test_r07_an_address_that_went_and_came_back_is_no_more_trusted(world, app):
    old = str(world.dana.email)
    moved(world, world.dana, "thief@evil.example")
    moved(world, world.dana, old)
    assert recovery.way_in(service.person(world.dana.id)) is WayIn.NONE


def test_r07_staff_get_no_slip_by_being_a_student_for_a_while(world, browsers):
    office, path = browsers(world.admin), f"/people/{world.dana.id}"
    moved(world, world.dana, None)
    office.force(f"{path}/role", role="student")
    assert service.person(world.dana.id).role is Role.STUDENT
    office.force(f"{path}/slip")
    assert open_links(world.dana) == []


def test_r07_who_came_in_by_a_slip_never_becomes_staff(world, browsers):
    office, path = browsers(world.admin), f"/people/{world.liam.id}"
    moved(world, world.liam, None)
    office.force(f"{path}/slip")
    assert open_links(world.liam) == [TokenKind.SLIP]
    office.force(f"{path}/role", role="instructor")
    assert service.person(world.liam.id).role is Role.STUDENT


def test_r21_an_invitation_that_is_still_about_lets_nobody_in_once_there_is_a_password(world, browsers):
    with db.write():
        link = tokens.link(tokens.issue(TokenKind.INVITATION, world.dana.id, None)).removeprefix("http://localhost")
    assert browsers(None).get(link).status_code == 410
    with pytest.raises(RuleBroken):
        service.invite(world.dana.id, by=None)


def test_r07_an_address_is_confirmed_as_it_was_read(world, browsers):
    """The admin changes it again between the page and the button."""
    moved(world, world.dana, "dana.new@school.example")
    theirs = browsers(world.dana)
    read = theirs.fill("/account", "/account/email")
    moved(world, world.dana, "thief@evil.example")
    theirs.post("/account/email", data=read)
    assert recovery.way_in(service.person(world.dana.id)) is WayIn.NONE


def test_r07_an_open_screen_of_the_office_does_nothing_without_its_password(world, browsers):
    """Each act of the office: first without a password, then with a wrong one, then with the right one."""
    cast, tried, wrong = Cast(browsers), set(), []
    for act in every(world):
        browser = cast.of(act)
        if act.endpoint in ASKED:
            fields, tried = act.fields(browser), tried | {act.endpoint}
            _left_open(act.who)
            before = stored()
            for typed, status in (({}, (200, 422)), ({"password": "not the right one"}, (422,))):
                answer = browser.post(act.address, data={**fields, **typed})
                if answer.status_code not in status or stored() != before or 'type="password"' not in answer.text:
                    wrong.append(f"{act.endpoint} with {typed}: {answer.status_code}")
            answer = browser.post(act.address, data={**fields, "password": PASSWORD})
        else:
            answer = act.send(browser)
        assert answer.status_code in act.lands, act.endpoint
    assert (wrong, tried) == ([], ASKED)


def _left_open(user: User | None) -> None:
    """Signed in still, the password typed too long ago."""
    with db.write():
        assert user is not None
        db.session.execute(update(UserSession).where(UserSession.user_id == user.id).values(reauth_at=None))


def test_r39_a_slip_ends_the_sessions_and_says_who_made_it(world, browsers):
    """R39: to the student, at the next sign-in and on their account, and in the record."""
    theirs, office, guest = browsers(world.liam), browsers(world.admin), browsers(None)
    moved(world, world.liam, None)
    assert theirs.get("/account").status_code == 200
    office.force(f"/people/{world.liam.id}/slip")
    assert theirs.get("/account").status_code == 303
    with db.write():
        token = tokens.open_one(TokenKind.SLIP, world.liam.id)
    link = tokens.link(token).removeprefix("http://localhost")
    assert link in office.get(f"/people/{world.liam.id}/slip").text
    guest.post(link, data={**guest.fill(link, link), "new_password": NEW_PASSWORD})
    said = "Ada Office made a slip for your new password"
    assert said in guest.get("/account").text.split('id="name"')[0], "once, where the page says what is new"
    assert said in guest.get("/account").text.split('id="name"')[1], "and from then on"
    made = db.session.scalars(select(AuditEvent).filter_by(action="slip_made")).one()
    assert (made.actor_id, made.subject_id) == (world.admin.id, str(world.liam.id))
    assert made.at <= clock.now()
