"""Every act of the application that a form can ask for, done once each in an order in which all are possible."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from lms import clock, jobs
from lms.access import Role
from lms.accounts import tokens
from lms.accounts.models import AccessToken, User, UserSession
from lms.accounts.people import edit
from lms.accounts.rules import TokenKind
from lms.accounts.service import invite, person
from lms.certificates.models import Certificate
from lms.cohorts import service as cohorts
from lms.db import db
from lms.practicals.models import Sheet
from lms.school.models import Signatory
from tests import factories
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, SECRET, code
from tests.attacks.world import World, days_ago
from tests.certificates import factories as make

Browsers = Callable[[User | None], Any]
Typed = dict[str, Any]


@dataclass
class Act:
    """`who` fills in the form on `page` that goes to `action`."""

    endpoint: str
    who: User | None
    page: str
    typed: Typed = field(default_factory=dict)
    action: str = ""
    lands: tuple[int, ...] = (303,)
    extra: Typed = field(default_factory=dict)  # sent although the page has no such field

    @property
    def address(self) -> str:
        return self.action or self.page

    def fields(self, browser: Any) -> Typed:
        """What the form holds, with what is typed into it."""
        sent = dict(browser.fill(self.page, self.address))
        sent.setdefault("csrf_token", [browser.token()])
        files = {name: (BytesIO(value), "a.pdf") for name, value in self.typed.items() if isinstance(value, bytes)}
        return {**sent, **self.typed, **files, **self.extra}

    def send(self, browser: Any, **more: Any) -> TestResponse:
        return browser.post(self.address, data={**more, **self.fields(browser)})


class Cast:
    """One browser for each who acts, signed in again where an act before ended the session."""

    def __init__(self, browsers: Browsers) -> None:
        self.browsers = browsers
        self.held: dict[int | None, Any] = {}

    def of(self, act: Act) -> Any:
        who = act.who.id if act.who else None
        if who not in self.held or (who and self.held[who].get("/account").status_code != 200):
            self.held[who] = self.browsers(act.who)
        return self.held[who]


def do_all(world: World, browsers: Browsers, **more: Any) -> Iterator[tuple[Act, TestResponse]]:
    """Each act and its answer; `more` is sent beside what the forms hold, and never instead of it."""
    cast = Cast(browsers)
    for act in every(world):
        answer = act.send(cast.of(act), **more)
        assert answer.status_code in act.lands, f"{act.endpoint}: {answer.status_code}\n{answer.text[-3000:]}"
        yield act, answer


def every(world: World) -> Iterator[Act]:
    """Lazily, so that each act finds what those before it made."""
    for part in (_learning, _teaching, _countersigning, _account, _people, _cohorts, _school, _certificates, _door):
        yield from part(world)


def _learning(world: World) -> Iterator[Act]:
    maya, eve, attempt = world.maya, world.eve, world.open_attempt
    first = cohorts.statements_to_sign(world.enrolment(eve))[0].id
    yield Act("cohorts.sign_statement", eve, f"/statements/{first}/sign", {"agree": "y"})
    yield Act("courses.go_on", eve, "/learn/M01/m01-lesson-1/step-1")
    lesson = "/learn/M01/m01-lesson-1"
    yield Act("courses.activity", eve, f"{lesson}/step-2", action=f"{lesson}/activity", lands=(204,))
    factories.read_lessons(world.enrolment(world.pia), "M02")
    yield Act("quizzes.start", world.pia, "/quizzes/M02", action="/quizzes/M02/start")
    for number, line in enumerate(attempt.form, 1):
        item = world.edition.module("M02").item(line["item"])
        wrong = "99" if item.value is not None else next(o.id for o in item.options if not o.correct)
        yield Act("quizzes.answer", maya, f"/attempts/{attempt.id}/{number}", {"answer": wrong})
    yield Act("quizzes.submit", maya, f"/attempts/{attempt.id}/check", action=f"/attempts/{attempt.id}/submit")


def _teaching(world: World) -> Iterator[Act]:
    dana, cohort, sheet = world.dana, world.a.id, f"/sheets/{world.unsigned.id}"
    pia, maya = world.enrolment(world.pia).id, world.enrolment(world.maya).id
    roster = {"planned": "lab:", "held_on": str(days_ago(3)), "starts": "09:00", "ends": "10:00", "present": [pia]}
    yield Act("hours.roster", dana, f"/cohorts/{cohort}/roster", roster)
    reading = f"/enrolments/{maya}/hours"
    yield Act("hours.propose_activity", dana, reading, action=f"{reading}/from-reading")
    decided = {"entries": [world.waiting.id], "decision": "approve"}
    yield Act("hours.decide", dana, "/hours/to-approve", decided, action="/hours/decide")
    yield Act("practicals.save", dana, sheet, {"comment": "Slower on the left side.", "rating": "4"})
    tapped = {"changed": "comment", "comment": "Slower on both sides."}
    yield Act("practicals.tap", dana, sheet, tapped, action=f"{sheet}/marks", lands=(200,))
    yield Act("practicals.sign", dana, f"{sheet}/sign", {"place": "Room 4", "password": PASSWORD})
    yield Act("practicals.amend", dana, sheet, {"why": "Wrong side noted."}, action=f"{sheet}/amend")
    new = _newest(Sheet)
    yield Act("practicals.discard", dana, f"/sheets/{new}", action=f"/sheets/{new}/discard")
    make.pass_quiz(world.enrolment(world.eve), "M01")
    yield Act("practicals.new", dana, f"/sheets/new?enrolment={world.enrolment(world.eve).id}&skill=S01")
    for number in (2, 3):
        make.pass_quiz(world.enrolment(world.liam), "M01", passed=False, number=number)
    stuck = f"/enrolments/{world.enrolment(world.liam).id}/quizzes/M01/release"
    yield Act("quizzes.release", dana, stuck, {"reason": "technical"})


def _newest(model: Any) -> int:
    return db.session.scalars(select(model.id).order_by(model.id.desc()).limit(1)).one()


def _countersigning(world: World) -> Iterator[Act]:
    sheet = f"/sheets/{world.signed.id}"
    words = {"agreed": "no", "words": "My left hand was not resting."}
    yield Act("practicals.answer", world.maya, sheet, words, action=f"{sheet}/answer")


def _account(world: World) -> Iterator[Act]:
    zoe = world.zoe
    yield Act("accounts.language", zoe, "/account", {"language": "en"}, action="/language")
    yield Act("accounts.reading", zoe, "/account", {"reading": "easy"}, action="/reading")
    _change(zoe, legal_name_confirmed_at=None, adult_attested_at=None)
    named = {"legal_name": "Zoe Student", "second_name": ""}
    yield Act("accounts.name", zoe, "/account/name", named, extra={"sure": "yes"})
    yield Act("accounts.adult", zoe, "/account/adult", {"adult": "y"})
    yield Act("accounts.confirm", zoe, "/account/confirm", {"password": PASSWORD})
    factories.signed_in(zoe)
    other, end = _newest(UserSession), "/account/sessions"
    yield Act("accounts.end_session", zoe, end, action=f"{end}/{other}/end")
    factories.signed_in(zoe)
    yield Act("accounts.end_other_sessions", zoe, end, action=f"{end}/end-others")
    _change(zoe, totp_secret=SECRET)
    factor = "/account/second-factor"
    yield Act("accounts.recovery_codes", zoe, factor, action=f"{factor}/codes", lands=(200,))
    yield Act("accounts.second_factor_off", zoe, factor, action=f"{factor}/off")
    yield Act("accounts.second_factor", zoe, factor, {"code": "000000"}, lands=(422,))
    changed = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    yield Act("accounts.password", zoe, "/account/password", changed)


def _change(user: User, **values: Any) -> None:
    with db.write():
        row = db.locked(User, user.id)
        for name, value in values.items():
            setattr(row, name, value)


def _people(world: World) -> Iterator[Act]:
    admin = world.admin
    added = {"legal_name": "Rosa Nueva", "role": "instructor", "email": "rosa@school.example", "locale": "es"}
    yield Act("accounts.new_person", admin, "/people/new", added)
    rosa, page = _newest(User), f"/people/{_newest(User)}"
    yield Act("accounts.edit_person", admin, f"{page}/edit", {"legal_name": "Rosa Nueva Cruz"})
    card = {"kind": "PTA", "number": "PTA 7", "expires_on": "2090-01-01"}
    yield Act("accounts.credentials", admin, f"{page}/credentials", card)
    yield Act("accounts.invite", admin, page, action=f"{page}/invite")
    yield Act("accounts.change_role", admin, page, {"role": "auditor"}, action=f"{page}/role")
    yield Act("accounts.end_sessions", admin, page, action=f"{page}/end-sessions")
    yield Act("accounts.switch_off", admin, page, action=f"{page}/off")
    yield Act("accounts.switch_on", admin, page, action=f"{page}/on")
    _change(db.session.get_one(User, rosa), totp_secret=SECRET)
    yield Act("accounts.lost_phone", admin, page, action=f"{page}/second-factor/off")
    yield from _ways_back(world)


def _ways_back(world: World) -> Iterator[Act]:
    admin, maya, liam, zoe = world.admin, world.maya, world.liam, world.zoe
    yield Act("accounts.mail_reset", admin, f"/people/{maya.id}", action=f"/people/{maya.id}/reset")
    _change(liam, email=None, login_name="liam")
    yield Act("accounts.make_slip", admin, f"/people/{liam.id}", action=f"/people/{liam.id}/slip")
    named = {"legal_name": zoe.legal_name, "login_name": None, "locale": "en", "version": person(zoe.id).version}
    edit(zoe.id, email="zoe.new@school.example", by=admin.id, **named)
    yield Act("accounts.confirm_email", zoe, "/account", action="/account/email")


def _cohorts(world: World) -> Iterator[Act]:
    admin, eve = world.admin, world.enrolment(world.eve).id
    dates = {"starts_on": str(days_ago(5)), "ends_on": str(days_ago(-30)), "room": "Room 9"}
    new = {"name": "Winter", "course_version_id": str(world.a.course_version_id), "instructors": [world.bruno.id]}
    yield Act("cohorts.create", admin, "/cohorts/new", {**new, **dates})
    page = f"/cohorts/{_newest(type(world.a))}"
    yield Act("cohorts.edit", admin, f"{page}/edit", {"name": "Winter evenings"})
    yield Act("cohorts.move_cohort", admin, page, {"state": "open"}, action=f"{page}/state")
    person = {"legal_name": "Ines Nueva", "email": "ines@school.example", "locale": "es"}
    yield Act("cohorts.enrol", admin, f"{page}/enrol", person)
    yield Act("cohorts.enrol_known", admin, f"{page}/enrol-known", {"user_id": world.maya.id})
    moved = {"state": "leave", "reason": "asked"}
    yield Act("cohorts.move", admin, f"/enrolments/{eve}/state", moved)


def _school(world: World) -> Iterator[Act]:
    admin = world.admin
    yield Act("school.edit", admin, "/school/edit", {"phone": "+1 408 555 0199"})
    rule = {"value": "4", "effective_from": "2090-01-01", "source": "Board"}
    yield Act("school.policy", admin, "/school/policies/quiz_attempts", rule)
    words = {"text_en": "We keep our word, always.", "text_es": "Cumplimos siempre la palabra."}
    dated = {"effective_from": "2090-01-01", "source": "Board"}
    yield Act("school.statement", admin, "/school/statements/honour", {**words, **dated})
    name = {"name": "Rosa Cruz", "title_en": "Director", "title_es": "Directora", "credential": "PT 9"}
    yield Act("school.add_signatory", admin, "/school/signatories/new", name)
    retired = f"/school/signatories/{_newest(Signatory)}/retire"
    yield Act("school.retire_signatory", admin, "/school", action=retired)


def _certificates(world: World) -> Iterator[Act]:
    admin, path = world.admin, f"/cohorts/{world.a.id}/certificates/new"
    chosen = f"{path}?who={world.enrolment(world.omar).id}"
    yield Act("certificates.check", admin, chosen, {"language": "en"}, action=path)
    row = _newest(Certificate)
    with db.write():
        for job in db.session.scalars(select(jobs.Job).where(jobs.Job.state == "waiting")):
            job.state = "given_up"
    yield Act("certificates.make_again", admin, f"/certificates/{row}", action=f"/certificates/{row}/document")
    why = {"reason": "integrity", "words": "Somebody else's hands.", "password": PASSWORD}
    yield Act("certificates.revoke", admin, f"/certificates/{row}/revoke", why)


def _door(world: World) -> Iterator[Act]:
    nobody, nora = None, world.nora
    named = {"serial": world.certificate.serial, "name": "Nora Student"}
    yield Act("certificates.verify", nobody, "/verify", named)
    file = {"file": b"%PDF-1.7 another"}
    yield Act("certificates.verify_token", nobody, f"/verify/{world.certificate.token}", file, lands=(200,))
    yield Act("accounts.reset", nobody, "/reset", {"login": str(nora.email)}, lands=(200,))
    link = _link(TokenKind.RESET, nora)
    yield Act("accounts.new_password", nobody, link, {"new_password": NEW_PASSWORD})
    yield Act("accounts.logout", nobody, "/privacy", action="/logout")
    new = factories.user(Role.STUDENT, legal_name="Ivo Nuevo")
    old = invite(new.id, by=world.admin.id)
    _expire(old)
    again = f"/invitations/{tokens.text_of(old)}"
    yield Act("accounts.new_invitation", nobody, "/privacy", action=f"{again}/again")
    invited = {"new_password": NEW_PASSWORD, "locale": "en", "adult": "y"}
    yield Act("accounts.invitation", nobody, _link(TokenKind.INVITATION, new), invited)
    signing_in = {"login": str(world.bruno.email), "password": PASSWORD}
    yield Act("accounts.logout", nobody, "/privacy", action="/logout")
    _change(world.bruno, totp_secret=SECRET)
    yield Act("accounts.login", nobody, "/login", signing_in, lands=(200,))
    yield Act("accounts.code", nobody, "/login/code", {"code": code(clock.now())})


def _link(kind: TokenKind, user: User) -> str:
    token = tokens.open_one(kind, user.id)
    assert token is not None
    return tokens.link(token).removeprefix("http://localhost")


def _expire(token: AccessToken) -> None:
    with db.write():
        db.locked(AccessToken, token.id).expires_at = clock.now() - timedelta(minutes=1)
