"""R39: every event that matters is on record with who, when and from where; no secret is in any log or record."""

import logging

import pytest
from sqlalchemy import select

from lms import jobs, logs
from lms.accounts import tokens
from lms.accounts.models import AccessToken
from lms.audit import AuditEvent
from lms.db import db
from lms.practicals.views import records
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, SECRET
from tests.attacks.acts import Cast, every

EVENTS = {
    "cohorts.sign_statement": "statement.signed",
    "quizzes.start": "quiz.started",
    "quizzes.submit": "quiz.submitted",
    "quizzes.release": "quiz.released",
    "hours.roster": "hours.proposed",
    "hours.propose_activity": "hours.proposed",
    "hours.decide": "hours.approved",
    "practicals.save": "sheet.marked",
    "practicals.tap": "sheet.marked",
    "practicals.sign": "sheet.signed",
    "practicals.amend": "sheet.correction_opened",
    "practicals.discard": "sheet.discarded",
    "practicals.new": "sheet.opened",
    "practicals.answer": "sheet.declined",
    "accounts.name": "legal_name_confirmed",
    "accounts.adult": "adult_attested",
    "accounts.confirm": "reauthenticated",
    "accounts.end_session": "session_ended",
    "accounts.end_other_sessions": "sessions_ended",
    "accounts.recovery_codes": "recovery_codes_made",
    "accounts.second_factor_off": "second_factor_off",
    "accounts.password": "password_changed",
    "accounts.new_person": "person_added",
    "accounts.edit_person": "person_changed",
    "accounts.credentials": "credential_added",
    "accounts.invite": "invitation_made",
    "accounts.change_role": "role_changed",
    "accounts.end_sessions": "sessions_ended",
    "accounts.switch_off": "disabled",
    "accounts.switch_on": "enabled",
    "accounts.lost_phone": "second_factor_off",
    "accounts.mail_reset": "reset_mailed",
    "accounts.make_slip": "slip_made",
    "accounts.confirm_email": "email_confirmed",
    "cohorts.create": "cohort.created",
    "cohorts.edit": "cohort.changed",
    "cohorts.move_cohort": "cohort.open",
    "cohorts.enrol": "enrolment.created",
    "cohorts.enrol_known": "enrolment.created",
    "cohorts.move": "enrolment.leave",
    "school.edit": "school.changed",
    "school.policy": "policy.set",
    "school.statement": "statement.added",
    "school.add_signatory": "signatory.added",
    "school.retire_signatory": "signatory.retired",
    "certificates.check": "certificate.issued",
    "certificates.make_again": "certificate.document_asked",
    "certificates.revoke": "certificate.revoked",
    "accounts.reset": "reset_asked",
    "accounts.new_password": "password_changed",
    "accounts.new_invitation": "invitation_made",
    "accounts.invitation": "invitation_accepted",
    "accounts.code": "signed_in",
}
UNSEEN = {  # reading, choices of a browser, and steps before an event
    "accounts.language",
    "accounts.login",
    "accounts.logout",
    "accounts.reading",
    "accounts.second_factor",
    "certificates.verify",
    "certificates.verify_token",
    "courses.activity",
    "courses.go_on",
    "quizzes.answer",
}
WORDS = ("Slower on the left", "Slower on both", "My left hand", "Somebody else's hands", "Wrong side noted")


@pytest.fixture
def lines(app):
    """Every line that the server would write."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(logs.JsonLines().format(record))

    handler, level = Keep(), logging.root.level
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    yield written
    logging.root.removeHandler(handler)
    logging.root.setLevel(level)


def events(after: int = 0) -> list[AuditEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.id > after).order_by(AuditEvent.id)))


def test_r39_every_act_is_on_record_and_no_secret_is(app, world, browsers, lines):
    """R39"""
    cast, secrets, wrong = Cast(browsers), {PASSWORD, NEW_PASSWORD, SECRET, *WORDS}, []
    for act in every(world):
        browser = cast.of(act)
        last = events()[-1].id
        fields = act.fields(browser)
        secrets |= {str(one) for name in ("csrf_token", "act_key", "code") for one in fields.get(name, []) if one}
        assert browser.post(act.address, data=fields).status_code in act.lands
        found = {event.action: event for event in events(last)}
        event = found.get(EVENTS.get(act.endpoint, ""))
        if act.endpoint not in UNSEEN and event is None:
            wrong.append(f"{act.endpoint} left {sorted(found)}")
        elif event and (event.address != "127.0.0.1" or (act.who and event.actor_id != act.who.id)):
            wrong.append(f"{act.endpoint}: by {event.actor_id} from {event.address}")
    assert wrong == []
    jobs.run_waiting()
    secrets |= {tokens.text_of(token) for token in db.session.scalars(select(AccessToken))}
    assert leaks(secrets, lines) == []
    assert EVENTS.keys() | UNSEEN >= {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}


def leaks(secrets: set[str], lines: list[str]) -> list[str]:
    rows = [f"{e.action} {e.subject_kind} {e.subject_id} {e.detail}" for e in events()]
    long = [secret for secret in secrets if len(secret) > 5]
    return [f"{secret[:6]}… in {text[:90]}" for secret in long for text in lines + rows if secret in text]


def test_r39_what_was_refused_is_on_record(world, browsers):
    maya, guest = browsers(world.maya), browsers(None)
    last = events()[-1].id
    maya.get("/people")
    guest.force("/login", login=str(world.maya.email), password="not the one")
    guest.force("/login", login="nobody@school.example", password="not the one")
    browsers(world.dana).force("/account/confirm", password="not the one")
    found = [(event.action, event.actor_id, event.subject_id) for event in events(last)]
    assert ("denied", world.maya.id, "accounts.people") in found
    assert ("sign_in_refused", None, str(world.maya.id)) in found
    assert ("sign_in_refused", None, None) in found
    assert ("reauthentication_refused", world.dana.id, None) in found


def test_r39_who_looked_at_whose_record_or_took_it_away_is_on_record(world, browsers, monkeypatch):
    monkeypatch.setattr(records.paper, "pdf", lambda *_a, **_k: b"%PDF")
    auditor, maya, last = browsers(world.auditor), browsers(world.maya), events()[-1].id
    sheet, row, paper = world.signed.id, world.enrolment(world.maya).id, world.certificate.id
    for path in (f"/sheets/{sheet}", f"/enrolments/{row}", f"/enrolments/{row}/hours", f"/certificates/{paper}"):
        assert auditor.get(path).status_code == 200
    assert auditor.get(f"/cohorts/{world.a.id}/readiness/{row}").status_code == 200
    for path in (f"/sheets/{sheet}.pdf", f"/sheets/{sheet}/record.json", f"/certificates/{paper}.pdf"):
        assert auditor.get(path).status_code == 200
    looked = [(e.action, e.subject_kind, e.subject_id) for e in events(last) if e.actor_id == world.auditor.id]
    assert looked == [
        ("record.viewed", "sheet", str(sheet)),
        ("record.viewed", "enrolment", str(row)),
        ("record.viewed", "enrolment", str(row)),
        ("record.viewed", "certificate", str(paper)),
        ("record.viewed", "enrolment", str(row)),
        ("sheet.downloaded", "sheet", str(sheet)),
        ("sheet.downloaded", "sheet", str(sheet)),
        ("certificate.downloaded", "certificate", str(paper)),
    ]
    assert maya.get(f"/sheets/{sheet}").status_code == 200
    assert "record.viewed" not in {e.action for e in events(last) if e.actor_id == world.maya.id}
