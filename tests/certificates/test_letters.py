"""Letters about a certificate, through a real mail server on this machine."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from lms import jobs
from lms.access import Role
from lms.accounts.models import User
from lms.certificates import paper, service
from lms.certificates.models import Certificate
from lms.certificates.rules import Reason
from lms.cohorts.models import Enrolment
from lms.db import db
from tests import factories
from tests.certificates import factories as make
from tests.post_office import PostOffice, opened, read

PDF = b"%PDF-1.7 CANARY-PDF"


@pytest.fixture
def post_office(app) -> Iterator[PostOffice]:
    with opened(app) as office:
        yield office


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No typesetter: what is printed is tested elsewhere."""
    monkeypatch.setattr(paper, "rendered", lambda _certificate: PDF)


@pytest.fixture
def admin(app) -> User:
    return factories.user(Role.ADMIN, legal_name="CANARY Office")


def issued(cohort, admin, **person: object) -> Certificate:
    teacher = factories.user(Role.INSTRUCTOR, legal_name="CANARY Teacher")
    row = make.ready(cohort, make.student("Maya Okafor", **person), by=teacher)
    return service.issue(row.id, language="en", by=admin.id)


def revoked(certificate: Certificate, admin: User) -> None:
    service.revoke(certificate.id, reason=Reason.INTEGRITY, words="CANARY-WORDS", by=admin.id)


def work() -> None:
    """The worker does what waits, and what that asks for."""
    while jobs.run_waiting():
        pass


def received(office: PostOffice) -> list[tuple[str, str, str]]:
    """(to, subject, text) of each letter; the text on one line, and nothing attached."""
    found = [(to, read(raw)) for _from, to, raw in office.letters]
    assert not any(letter.is_multipart() for _to, letter in found)
    return [(to.strip("<>"), str(one["Subject"]), " ".join(one.get_content().split())) for to, one in found]


def test_when_the_document_is_ready_the_student_is_told_where_it_is(cohort, admin, post_office):
    certificate = issued(cohort, admin, email="maya@school.example")
    assert received(post_office) == []

    work()

    ((to, subject, text),) = received(post_office)
    assert (to, subject) == ("maya@school.example", "Your certificate from Los Gatos School of Massage is ready")
    assert "http://localhost/record" in text
    assert certificate.serial in text
    assert "Maya Okafor" in text


def test_neither_letter_holds_the_pdf_a_code_to_verify_or_anybody_elses_name(cohort, admin, post_office):
    certificate = issued(cohort, admin)
    work()
    revoked(certificate, admin)
    work()

    everything = " ".join(f"{subject} {text}" for _to, subject, text in received(post_office))
    assert len(post_office.letters) == 2
    for secret in ("CANARY", "%PDF", certificate.token, "Elena Marchetti", "integrity", "honesty", ".pdf"):
        assert secret not in everything


def test_a_certificate_that_is_revoked_is_told_in_few_words(cohort, admin, post_office):
    certificate = issued(cohort, admin, email="maya@school.example")
    work()
    post_office.letters.clear()

    revoked(certificate, admin)
    work()

    ((to, subject, text),) = received(post_office)
    assert (to, subject) == ("maya@school.example", "Your certificate from Los Gatos School of Massage was revoked")
    assert f"{certificate.serial} was revoked on" in text
    assert "http://localhost/record" in text


def test_both_letters_are_in_the_students_language(cohort, admin, post_office):
    certificate = issued(cohort, admin, locale="es")
    work()
    revoked(certificate, admin)
    work()

    ready, gone = received(post_office)
    assert ready[1] == "Su certificado de Los Gatos School of Massage está listo"
    assert gone[1] == "Su certificado de Los Gatos School of Massage fue revocado"
    assert "de 20" in gone[2], "the date is written in Spanish"


def test_each_letter_comes_once_however_often_the_worker_tries(cohort, admin, post_office):
    certificate = issued(cohort, admin)
    work()
    service.make_document(certificate.id)
    service.make_again(certificate.id, by=admin.id)
    work()
    revoked(certificate, admin)
    work()

    assert len(post_office.letters) == 2


def test_a_mail_server_that_refuses_is_asked_again_and_then_the_letter_comes_once(cohort, admin, post_office, time):
    issued(cohort, admin)
    post_office.refuse_recipient = True
    work()
    assert post_office.letters == []

    post_office.refuse_recipient = False
    time.forward(minutes=1)
    work()

    assert len(post_office.letters) == 1


@pytest.mark.parametrize("person", [{"email": None, "login_name": "maya"}, {"active": False}], ids=["no mail", "off"])
def test_who_has_no_address_or_account_gets_none(cohort, admin, post_office, person):
    certificate = issued(cohort, admin)
    with db.write():
        row = db.locked(User, db.session.get_one(Enrolment, certificate.enrolment_id).user_id)
        for name, value in person.items():
            setattr(row, name, value)
    work()
    revoked(certificate, admin)
    work()

    assert post_office.letters == []
    assert {job.state for job in db.session.scalars(select(jobs.Job))} == {"done"}


def test_revoked_before_the_letter_left_it_is_told_as_revoked_alone(cohort, admin, post_office):
    certificate = issued(cohort, admin)
    service.make_document(certificate.id)
    revoked(certificate, admin)
    work()

    assert [subject for _to, subject, _text in received(post_office)] == [
        "Your certificate from Los Gatos School of Massage was revoked"
    ]
