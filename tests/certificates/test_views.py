"""Pages of issuing: what the office, the student and an auditor may do and see."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms import clock, jobs
from lms.access import Role
from lms.accounts import passwords
from lms.accounts import service as accounts
from lms.audit import AuditEvent
from lms.certificates import service
from lms.certificates.models import Certificate, Revocation
from lms.certificates.rules import Reason
from lms.db import db
from tests import factories
from tests.certificates import factories as make

PASSWORD = "a-long-phrase-for-tests-9"


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the last form of a page that has an act."""
    names = ("csrf_token", "act_key", "version")
    found = {n: re.findall(rf'name="{n}"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="{n}"', page) for n in names}
    return {name: "".join(pairs[-1]) for name, pairs in found.items() if pairs}


def send(browser: FlaskClient, path: str, **fields: object):
    return browser.post(path, data={**hidden(browser.get(path).text), **fields})


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def owner(row) -> object:
    return accounts.person(row.user_id)


def test_chosen_students_are_checked_and_issued_together(cohort, admin, as_):
    ready = [make.ready(cohort, make.student(name, locale=tongue)) for name, tongue in (("Ana", "en"), ("Luz", "es"))]
    waiting = factories.enrolment(cohort, make.student("Ben"))
    browser, path = as_(admin), f"/cohorts/{cohort.id}/certificates/new"
    who = [row.id for row in (*ready, waiting)]
    page = browser.get(path, query_string={"who": who}).text
    assert "2 certificates" in page
    assert "Left out for now: 1" in page
    answer = browser.post(path, data={**hidden(page), "who": [row.id for row in ready], "language": "own"})
    assert answer.status_code == 303
    assert "2 certificates are issued" in browser.get(answer.location).text
    languages = db.session.scalars(select(Certificate.language).order_by(Certificate.id))
    assert list(languages) == ["en", "es"]


def test_pressing_twice_issues_once(cohort, admin, as_):
    row = make.ready(cohort)
    browser, path = as_(admin), f"/cohorts/{cohort.id}/certificates/new"
    data = {**hidden(browser.get(f"{path}?who={row.id}").text), "who": row.id, "language": "own"}
    first, second = browser.post(path, data=data), browser.post(path, data=data)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert len(db.session.scalars(select(Certificate)).all()) == 1


def test_who_is_not_ready_any_more_is_left_out_in_words(cohort, admin, as_, monkeypatch):
    row = make.ready(cohort, make.student("Ana"))
    browser, path = as_(admin), f"/cohorts/{cohort.id}/certificates/new"
    data = {**hidden(browser.get(f"{path}?who={row.id}").text), "who": row.id, "language": "own"}
    make.propose(row, "lab", 30, make.examiner())
    answer = browser.post(path, data=data)
    assert answer.status_code == 200
    assert "1 entry of hours waits for approval." in answer.text
    assert db.session.scalars(select(Certificate)).all() == []


@pytest.mark.parametrize("role", [Role.STUDENT, Role.INSTRUCTOR, Role.AUDITOR, None])
def test_no_other_role_reaches_issuing_or_revoking(cohort, admin, as_, role: Role | None):
    row = make.ready(cohort)
    other = as_(factories.user(role) if role else None)
    issued = service.issue(make.ready(cohort).id, language="en", by=admin.id)
    for path in (
        f"/cohorts/{cohort.id}/certificates/new",
        f"/certificates/{issued.id}/revoke",
        f"/certificates/{issued.id}/document",
    ):
        answer = other.post(path, data={"who": row.id, "language": "own", "reason": "integrity", "words": "x"})
        assert answer.status_code == 403 if role else "/login" in answer.text + (answer.location or "")
    assert len(db.session.scalars(select(Certificate)).all()) == 1
    assert db.session.scalars(select(Revocation)).all() == []


def test_the_students_page_fills_with_the_certificate(cohort, admin, as_):
    row = make.ready(cohort, make.student("Maya Okafor"))
    browser = as_(owner(row))
    assert "Nothing is left for you to do" in browser.get("/record").text
    certificate = service.issue(row.id, language="en", by=admin.id)
    assert "The PDF is being made" in browser.get("/record").text
    jobs.run_waiting()
    page = browser.get("/record").text
    assert f"/certificates/{certificate.id}.pdf" in page
    assert f"/verify/{certificate.token}" in page


def test_what_is_left_links_to_where_it_is_done(cohort, as_):
    row = factories.enrolment(cohort, make.student(legal_name_confirmed_at=None))
    page = as_(owner(row)).get("/record").text
    for place in ("/learn", "/skills", "/hours", "/statements/"):
        assert f'href="{place}' in page


def test_somebody_without_a_course_has_an_empty_record(app, as_):
    assert "No course yet" in as_(make.student()).get("/record").text


def test_the_pdf_is_given_to_its_owner_and_the_office_alone(cohort, admin, as_):
    row = make.ready(cohort)
    certificate = service.issue(row.id, language="en", by=admin.id)
    path = f"/certificates/{certificate.id}.pdf"
    assert as_(admin).get(path).status_code == 404  # not made yet
    jobs.run_waiting()
    for person in (owner(row), admin, factories.user(Role.AUDITOR)):
        answer = as_(person).get(path)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data == make.document_bytes(certificate.id)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{certificate.serial}.pdf"'
        assert answer.headers["Cache-Control"] == "no-store"
    for person in (make.student(), factories.user(Role.INSTRUCTOR)):
        assert as_(person).get(path).status_code == 404
        assert as_(person).get(f"/certificates/{certificate.id}/record.json").status_code == 404
    assert as_(None).get(path).status_code == 303


def test_a_download_is_audited_where_somebody_else_takes_it_and_writes_nothing_for_the_holder(cohort, admin, as_):
    row = make.ready(cohort)
    certificate = service.issue(row.id, language="en", by=admin.id)
    jobs.run_waiting()
    for person in (owner(row), admin):
        assert as_(person).get(f"/certificates/{certificate.id}.pdf").status_code == 200
    taken = select(AuditEvent.actor_id).where(AuditEvent.action == "certificate.downloaded")
    assert db.session.scalars(taken).all() == [admin.id]


def test_the_list_finds_by_name_and_serial(cohort, admin, as_):
    certificate = service.issue(make.ready(cohort, make.student("Maya Okafor")).id, language="en", by=admin.id)
    service.issue(make.ready(cohort, make.student("Ben Ito")).id, language="en", by=admin.id)
    browser = as_(admin)
    for words in ("okafor", certificate.serial.lower(), certificate.serial[13:19]):
        page = browser.get("/certificates", query_string={"q": words}).text
        assert "Maya Okafor" in page
        assert "Ben Ito" not in page
    assert "Nothing found" in browser.get("/certificates?q=nobody").text


def test_fifty_certificates_a_page(cohort, admin, monkeypatch, as_):
    monkeypatch.setattr(service, "PAGE", 2)
    for name in ("Ana", "Ben", "Chloe"):
        service.issue(make.ready(cohort, make.student(name)).id, language="en", by=admin.id)
    browser = as_(admin)
    first = browser.get("/certificates").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    assert "Ana" not in first
    assert "Ana" in browser.get(older.group(1)).text


def test_an_auditor_reads_but_finds_no_buttons(cohort, admin, as_):
    certificate = service.issue(make.ready(cohort).id, language="en", by=admin.id)
    page = as_(factories.user(Role.AUDITOR)).get(f"/certificates/{certificate.id}").text
    assert certificate.serial in page
    assert "/revoke" not in page


def revoke(browser: FlaskClient, certificate: Certificate, **fields: object):
    data = {"reason": "identity", "words": "CANARY-WORDS", "password": PASSWORD, **fields}
    return send(browser, f"/certificates/{certificate.id}/revoke", **data)


def test_revoking_needs_the_password_at_that_moment(cohort, as_):
    admin = factories.user(Role.ADMIN, password_hash=passwords.hashed(PASSWORD))
    certificate = service.issue(make.ready(cohort).id, language="en", by=admin.id)
    browser = as_(admin)
    wrong = revoke(browser, certificate, password="something else")
    assert wrong.status_code == 422
    assert "CANARY-WORDS" in wrong.text
    assert db.session.scalars(select(Revocation)).all() == []
    assert revoke(browser, certificate).status_code == 303
    assert db.session.scalars(select(Revocation.reason)).all() == ["identity"]
    page = browser.get(f"/certificates/{certificate.id}").text
    assert "CANARY-WORDS" in page
    assert "A finding about identity" in page


def test_revoking_needs_a_reason_and_words(cohort, as_):
    admin = factories.user(Role.ADMIN, password_hash=passwords.hashed(PASSWORD))
    certificate = service.issue(make.ready(cohort).id, language="en", by=admin.id)
    for missing in ({"reason": ""}, {"words": " "}, {"reason": "because"}):
        assert revoke(as_(admin), certificate, **missing).status_code == 422
    assert db.session.scalars(select(Revocation)).all() == []


def test_after_a_revocation_the_student_sees_it_and_what_is_left(cohort, admin, as_):
    row = make.ready(cohort)
    certificate = service.issue(row.id, language="en", by=admin.id)
    service.revoke(certificate.id, reason=Reason.INTEGRITY, words="CANARY-WORDS", by=admin.id)
    page = as_(owner(row)).get("/record").text
    assert "was revoked" in page
    assert "CANARY" not in page
    assert "honesty" not in page


def test_a_pdf_that_could_not_be_made_can_be_asked_for_again(cohort, admin, as_):
    certificate = service.issue(make.ready(cohort).id, language="en", by=admin.id)
    job_id = jobs.lapsed()[0]
    with db.write():
        db.locked(jobs.Job, job_id).state = "given_up"
    browser, path = as_(admin), f"/certificates/{certificate.id}"
    page = browser.get(path).text
    assert "could not be made" in page
    assert browser.post(f"{path}/document", data=hidden(page)).status_code == 303
    assert jobs.run_waiting() == 1
    assert "Download PDF" in browser.get(path).text


def named(browser):
    """What the page sends that asks the student to look at their name once more."""
    page = browser.get("/account/name").text
    return hidden(page) | {"legal_name": "Maya Okafor", "second_name": "", "sure": "yes"}


def test_a_name_that_was_confirmed_long_ago_is_confirmed_again_by_the_student(cohort, admin, as_):
    person = make.student("Maya Okafor", legal_name_confirmed_at=clock.now() - timedelta(days=45))
    row = make.ready(cohort, person)
    browser = as_(person)
    assert 'href="/account/name"' in browser.get("/record").text
    assert "Maya Okafor" in browser.get("/account/name").text
    assert browser.post("/account/name", data=named(browser)).status_code == 303
    assert "Nothing is left for you to do" in browser.get("/record").text
    assert service.issue(row.id, language="en", by=admin.id).edition == 1


def test_a_name_that_changed_meanwhile_is_shown_before_it_is_confirmed(cohort, as_):
    long_ago = clock.now() - timedelta(days=45)
    person = make.student("Maya Okafor", legal_name_confirmed_at=long_ago)
    browser = as_(person)
    seen = named(browser)
    with db.write():
        changed = db.locked(type(person), person.id)
        changed.legal_name, changed.version = "Maya Someone-Else", changed.version + 1
    assert browser.post("/account/name", data=seen).status_code == 409
    assert accounts.person(person.id).legal_name_confirmed_at == long_ago
