"""The public page: what it says in each state, and everything it does not say."""

import io
import re
from datetime import timedelta

import pytest

from lms import clock, jobs
from lms.accounts import people
from lms.accounts.models import User
from lms.certificates import service
from lms.certificates.models import Certificate
from lms.certificates.rules import Reason
from lms.ledger import service as ledger
from lms.school import service as school
from tests import factories
from tests.certificates import factories as make

NAME = "Zoë Canary Quetzal"


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def graduate(cohort) -> User:
    return make.student(NAME, email="canary-mail@school.example", name_lang=None)


@pytest.fixture
def certificate(cohort, admin, graduate) -> Certificate:
    made = service.issue(make.ready(cohort, graduate).id, language="en", by=admin.id)
    jobs.run_waiting()
    return made


def revoke(certificate: Certificate, admin: User) -> None:
    service.revoke(certificate.id, reason=Reason.INTEGRITY, words="CANARY-WORDS", by=admin.id)


def words_of(page: str) -> str:
    """What stands in the main part, without tags."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_a_valid_one_says_what_the_school_promised_to_say(certificate, as_):
    page = as_().get(f"/verify/{certificate.token}")
    assert page.status_code == 200
    for part in (
        "Valid",
        NAME,
        make.COURSE.en,
        "4 clock hours",
        "Los Gatos School of Massage",
        make.SHORT,
    ):
        assert part in page.text
    assert 'class="seal"' in page.text


@pytest.mark.parametrize("spelled", [str.upper, str.lower, str.title])
def test_the_address_works_in_any_letter_case(certificate, as_, spelled):
    assert as_().get(f"/verify/{spelled(certificate.token)}").status_code == 200
    assert as_().get(f"/VERIFY/{certificate.token}").status_code == 200


def test_nothing_beyond_the_list_is_in_any_byte(certificate, graduate, admin, as_):
    entry = str(certificate.entry_seq)
    for revoked in (False, True):
        if revoked:
            revoke(certificate, admin)
        page = as_().get(f"/verify/{certificate.token}").text
        page = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)  # drawings are full of numbers
        for secret in (
            "canary-mail",
            certificate.serial,
            admin.legal_name,
            "CANARY-WORDS",
            "integrity",
            "honesty",
            "Cohort",
            f'"{entry}"',
            "Elena Marchetti",
        ):
            assert secret not in page
        assert not re.search(r"\bgrade|score|quiz|attempt", words_of(page).lower())


def test_a_revoked_one_says_so_and_never_why(certificate, admin, as_):
    revoke(certificate, admin)
    page = as_().get(f"/verify/{certificate.token}").text
    assert "Revoked" in page
    assert "Do not rely on it" in page
    assert 'class="seal stop"' in page


def test_a_superseded_one_points_to_a_newer_one(certificate, admin, as_):
    revoke(certificate, admin)
    service.issue(certificate.enrolment_id, language="en", by=admin.id)
    page = as_().get(f"/verify/{certificate.token}").text
    assert "Replaced by a newer one" in page
    assert 'class="seal old"' in page


@pytest.mark.parametrize("token", ["0" * 26, "short", "x" * 3000, "<b>"])
def test_an_unknown_address_is_not_found(app, as_, token: str):
    answer = as_().get(f"/verify/{token}")
    assert answer.status_code == 404
    assert "<b>" not in words_of(answer.text)


def test_not_found_has_its_own_shape(app, as_):
    assert 'class="seal none"' in as_().get("/verify/" + "0" * 26).text


@pytest.mark.parametrize("typed", [NAME, "zoe canary QUETZAL", "  Zoë   Canary Quetzal "])
def test_serial_and_printed_name_open_the_page(certificate, as_, typed: str):
    answer = as_().post("/verify", data={"serial": certificate.serial.lower(), "name": typed})
    assert answer.location == f"/verify/{certificate.token}"


def test_a_wrong_name_and_a_wrong_serial_answer_alike(certificate, as_):
    wrong_digit = certificate.serial[:-1] + str((int(certificate.serial[-1]) + 1) % 10)
    pairs = ((certificate.serial, "Somebody Else"), ("LGS-SYN-2026-000999-0", NAME), (wrong_digit, NAME))
    answers = [as_().post("/verify", data={"serial": serial, "name": name}) for serial, name in pairs]
    assert {answer.status_code for answer in answers} == {404}
    pages = {re.sub(r'value="[^"]*"', "", words_of(answer.text)) for answer in answers}
    assert len(pages) == 1


def test_the_name_as_it_is_now_opens_nothing(certificate, graduate, as_):
    people.edit(graduate.id, legal_name="New Name", email=graduate.email, login_name=None, locale="en", version=1, by=1)
    answer = as_().post("/verify", data={"serial": certificate.serial, "name": "New Name"})
    assert answer.status_code == 404
    assert NAME in as_().get(f"/verify/{certificate.token}").text


def test_empty_fields_are_asked_for(app, as_):
    answer = as_().post("/verify", data={"serial": "", "name": "kept"})
    assert answer.status_code == 422
    assert "kept" in answer.text


def guess(browser, serial: str, name: str, address: str = "10.0.0.9") -> int:
    data = {"serial": serial, "name": name}
    return browser.post("/verify", data=data, environ_base={"REMOTE_ADDR": address}).status_code


def test_guessing_is_limited_by_address_and_by_serial(certificate, as_, time):
    browser, serial = as_(), certificate.serial
    codes = [guess(browser, serial, f"n{n}") for n in range(21)]
    assert (codes[0], codes[-1]) == (404, 429)
    codes = [guess(browser, serial, f"n{n}", "10.0.0.1") for n in range(12)]
    assert (codes[0], codes[-1]) == (404, 429)
    time.forward(hours=1)
    assert guess(browser, serial, NAME) == 303


def test_initials_where_the_school_keeps_names_off_the_page(certificate, admin, as_):
    today = school.today()
    school.set_policy("name_on_verify_page", "initials", effective_from=today, source="board", by=admin.id)
    page = as_().get(f"/verify/{certificate.token}").text
    assert "Z. C. Q." in page
    assert "Quetzal" not in page


def upload(browser, certificate: Certificate, data: bytes):
    file = {"file": (io.BytesIO(data), "c.pdf")}
    return browser.post(f"/verify/{certificate.token}", data=file, content_type="multipart/form-data")


def test_the_file_is_compared_byte_for_byte_without_javascript(certificate, as_):
    genuine = make.document_bytes(certificate.id)
    assert "is the one the school issued" in upload(as_(), certificate, genuine).text
    forged = upload(as_(), certificate, genuine[:-1] + b"x").text
    assert '<section class="note safety" role="status">' in forged
    assert as_().post(f"/verify/{certificate.token}", data={}).status_code == 422


def test_the_hash_for_the_browser_is_the_documents(certificate, as_):
    page = as_().get(f"/verify/{certificate.token}").text
    document = service.get(certificate.id, for_=factories.user("admin")).document
    assert f'data-sha256="{document.sha256}"' in page


def test_an_erased_name_leaves_the_page_standing(certificate, as_):
    ledger.erase(certificate.entry_seq, ["name"])
    page = as_().get(f"/verify/{certificate.token}")
    assert page.status_code == 200
    assert "Quetzal" not in page.text
    answer = as_().post("/verify", data={"serial": certificate.serial, "name": ""})
    assert answer.status_code == 422


def test_a_certificate_does_not_run_out(certificate, as_, monkeypatch):
    later = clock.now() + timedelta(days=4000)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Valid" in as_().get(f"/verify/{certificate.token}").text
