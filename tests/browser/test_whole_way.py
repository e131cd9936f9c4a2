"""From an invitation to a certificate that verifies: on phone and desk, in both languages, with and without scripts."""

import pytest

from lms.access import Role
from lms.school import service as school
from tests import factories, synthetic
from tests.browser import acts
from tests.browser.acts import NEW_PASSWORD, staff

pytestmark = pytest.mark.browser
SMALL = synthetic.edition(modules=1, lessons=1, steps=2, items=4, skills=1, checklist=3, name="story")
NAME = "María de los Ángeles O’Neil"
EMAIL = "maria@school.example"
HOURS = (("theory_in_person:", "09:00", "10:00"), ("lab:", "11:00", "12:00"))
WORDS = {
    "en": {"valid": "Valid", "revoked": "Revoked", "superseded": "Replaced by a newer one", "none": "Not found"},
    "es": {"valid": "Válid", "revoked": "Revocado", "superseded": "Reemplazado", "none": "No se encontró"},
}
STORIES = [
    pytest.param("phone", "en", True, id="phone, English"),
    pytest.param("desk", "es", True, id="desk, Spanish", marks=pytest.mark.once),
    pytest.param("phone", "es", False, id="phone, Spanish, no scripts"),
    pytest.param("desk", "en", False, id="desk, English, no scripts", marks=pytest.mark.once),
]


@pytest.fixture
def office(live):
    factories.statements()
    factories.course_version(SMALL)
    admin, instructor = staff(Role.ADMIN, "Rosa Núñez"), staff(Role.INSTRUCTOR, "Dana Reyes")
    factories.credential(instructor)
    school.add_signatory(name="Rosa Núñez", title_en="Director", title_es="Directora", credential="", by=admin.id)
    return admin


@pytest.mark.parametrize(("width", "language", "scripts"), STORIES)
def test_a_newcomer_reaches_a_certificate_that_a_stranger_verifies(live, office, person, width, language, scripts):
    admin, student = person(width, language, scripts), person(width, language, scripts)
    instructor, stranger = person(width, language, scripts), person(width, language, scripts)
    words = WORDS[language]

    acts.sign_in(admin, "admin@school.example")
    acts.speak(admin, language)
    acts.open_a_cohort(admin)
    acts.enrol(admin, NAME, language, EMAIL)
    acts.take_up_the_invitation(student, acts.ask_for_a_newer_invitation(student, live), language)
    acts.settle_in(student)
    acts.sign_out(student)
    acts.forget_the_password(student, live, EMAIL)
    acts.learn(student, SMALL)

    acts.sign_in(instructor, "instructor@school.example")
    acts.speak(instructor, language)
    acts.watch_and_sign(instructor, SMALL)
    acts.let_a_week_pass()
    acts.record_hours(instructor, *HOURS)
    acts.countersign(student)

    acts.issue(admin, language)
    pdf, link, serial = acts.take_the_certificate_home(student)
    stranger.open(link)
    assert words["valid"] in stranger.text()
    assert NAME in stranger.text()
    assert acts.drop_the_pdf(stranger, pdf)
    assert not acts.drop_the_pdf(stranger, pdf + b"\n")
    acts.verify_by_serial(stranger, serial, NAME)
    assert words["valid"] in stranger.text()

    acts.revoke(admin, 1, "replaced")
    stranger.open(link)
    assert words["revoked"] in stranger.text()
    student.open("/record")
    acts.issue(admin, language)
    stranger.open(link)
    assert words["superseded"] in stranger.text()
    admin.open("/certificates/1")
    acts.verify_by_serial(stranger, serial, "Somebody Else")
    assert words["none"] in stranger.text()

    acts.end_other_sessions(student, EMAIL, NEW_PASSWORD)
    acts.set_up_the_second_step(instructor, "instructor@school.example")


def test_a_printed_slip_lets_a_student_without_email_in(live, office, person):
    admin, student = person("desk"), person("phone", scripts=False)
    acts.sign_in(admin, "admin@school.example")
    acts.open_a_cohort(admin)
    acts.enrol(admin, NAME, "es")
    address, login = acts.print_the_slip(admin)
    acts.take_up_the_invitation(student, address, "es")
    acts.sign_out(student)
    acts.sign_in(student, login)
    assert "María" in student.text()
