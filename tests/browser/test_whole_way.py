"""From an invitation to a certificate that verifies: on phone and desk, in both languages, with and without scripts."""

import re
from datetime import timedelta

import pytest

from lms import jobs
from lms.access import Role
from lms.accounts import passwords
from lms.accounts import service as accounts
from lms.catalog.types import Edition
from lms.db import db
from lms.school import service as school
from tests import factories, synthetic

pytestmark = pytest.mark.browser
PASSWORD = "calm hands learn slowly"
SMALL = synthetic.edition(modules=1, lessons=1, steps=2, items=4, skills=1, checklist=3, name="story")
NAME = "María de los Ángeles O’Neil"


def staff(role: Role, name: str):
    person = factories.user(role, legal_name=name, email=f"{role}@school.example")
    accounts.set_password(person.id, passwords.hashed(PASSWORD))
    return person


@pytest.fixture
def office(live):
    factories.statements()
    factories.course_version(SMALL)
    admin, instructor = staff(Role.ADMIN, "Rosa Núñez"), staff(Role.INSTRUCTOR, "Dana Reyes")
    factories.credential(instructor)
    school.add_signatory(name="Rosa Núñez", title_en="Director", title_es="Directora", credential="", by=admin.id)
    return admin


def sign_in(person, email: str) -> None:
    person.open("/login")
    person.page.fill("[name=identifier], [name=login], [name=email]", email)
    person.page.fill("[name=password]", PASSWORD)
    person.press("main form:has([name=password]) button")


def fill(person, **values: str) -> None:
    for name, value in values.items():
        person.page.fill(f"[name={name}]", value)


def check(person, name: str, value: str | None = None) -> None:
    """Tick a box or choose a radio by the field's name and value."""
    person.page.locator(f'main [name="{name}"]' + (f'[value="{value}"]' if value else "")).first.check()


def submit(person, selector: str = "main form[method=post]") -> None:
    person.press(f"{selector} button:not([tabindex='-1'])")


def work() -> int:
    """What the worker does; it sees what was stored until now."""
    db.session.rollback()
    return jobs.run_waiting()


def the_letter(live) -> str:
    """The link in the invitation that the worker mailed."""
    work()
    letters = sorted((live.app.config["DATA_DIR"] / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime)
    text = letters[-1].read_text().replace("=\n", "").replace("=3D", "=")
    return re.search(r"http://localhost:\d+(/\S+)", text)[1]


def enrol(admin, language: str) -> None:
    sign_in(admin, "admin@school.example")
    admin.open("/cohorts/new")
    today = school.today()
    fill(admin, name="Spring", starts_on=str(today - timedelta(days=10)), ends_on=str(today + timedelta(days=60)))
    check(admin, "instructors")
    submit(admin)
    for state in ("open", "running"):
        admin.press(f'form:has([name=state][value="{state}"]) button')
    admin.press('a[href$="/enrol"]')
    fill(admin, legal_name=NAME, email="maria@school.example")
    check(admin, "locale", language)
    submit(admin)


def settle_in(student, live, language: str) -> None:
    student.open(the_letter(live))
    check(student, "locale", language)
    check(student, "adult")
    fill(student, new_password=PASSWORD)
    submit(student)
    for _statement in range(3):
        student.open("/home")
        student.press('.next a[href*="/statements/"]')
        check(student, "agree")
        submit(student)
    student.open("/home")
    if student.page.locator('main a[href="/account/name"]').count():
        student.open("/account/name")
        submit(student)
        submit(student)


def learn(student) -> None:
    student.open("/home")
    student.press(".next a.btn")
    for _step in range(2):
        submit(student, ".onward form")
    take_the_quiz(student, SMALL)


def take_the_quiz(student, edition: Edition) -> None:
    answers = {one.stem.en: synthetic.right_answer(one) for one in edition.items}
    submit(student)
    for number in range(1, 5):
        heading = student.page.locator("h1").inner_text()
        right = next(answer for stem, answer in answers.items() if stem in heading)
        if student.page.locator("input[name=answer].in").count():
            fill(student, answer=right[0])
        else:
            for value in right:
                check(student, "answer", value)
        student.press(f'main form button.btn[name=go][value="{"check" if number == 4 else "next"}"]')
    submit(student)
    assert student.page.locator("h1").inner_text()


def watch_and_sign(instructor) -> None:
    sign_in(instructor, "instructor@school.example")
    instructor.press(".people a")
    submit(instructor)
    for step in SMALL.skills[0].steps:
        check(instructor, step.id, "independent")
    check(instructor, "rating", "4")
    instructor.page.locator("#comment").fill("Calm hands.")
    if instructor.scripts:
        instructor.page.locator("#comment").blur()
        instructor.page.wait_for_function(
            "document.querySelector('[data-sign]').getAttribute('aria-disabled') === 'false'"
        )
    instructor.press("[data-sign]")
    fill(instructor, place="Lab 1", password=PASSWORD)
    submit(instructor)


def record_hours(instructor) -> None:
    yesterday = school.today() - timedelta(days=1)
    for kind, first, last in (("theory_in_person:", "09:00", "10:00"), ("lab:", "11:00", "12:00")):
        instructor.open("/cohorts/1/roster")
        check(instructor, "planned", kind)
        fill(instructor, held_on=str(yesterday), starts=first, ends=last)
        check(instructor, "present")
        submit(instructor)
    instructor.open("/hours/to-approve")
    for box in instructor.page.locator("[name=entries]").all():
        box.check()
    instructor.press('button[value="approve"]')


def countersign(student) -> None:
    student.open("/home")
    student.press('a[href*="/sheets/"]')
    student.press('form:has([name=agreed][value="yes"]) button, button[name=agreed][value="yes"]')


def issue(admin, language: str) -> None:
    admin.open("/cohorts/1/readiness?state=ready")
    check(admin, "who")
    admin.press('button[form="batch"]')
    check(admin, "language", language)
    admin.press("main form[method=post]:has([name=who]) button")
    assert work() == 1, admin.page.locator("main").inner_text()


def take_it_home(student) -> str:
    """Download the PDF; returns the link that anybody may follow."""
    student.open("/record")
    assert student.page.locator('a[href$=".pdf"]').count(), student.page.locator("main").inner_text()
    with student.page.expect_download() as download:
        student.page.locator('a[href$=".pdf"]').first.click()
    data = download.value.path().read_bytes()
    assert data.startswith(b"%PDF-1.7")
    return student.page.locator('main a[href*="/verify/"]').first.get_attribute("href") or ""


STORIES = [
    pytest.param("phone", "en", True, id="phone, English"),
    pytest.param("desk", "es", True, id="desk, Spanish"),
    pytest.param("phone", "es", False, id="phone, Spanish, no scripts"),
]


@pytest.mark.parametrize(("width", "language", "scripts"), STORIES)
def test_a_newcomer_reaches_a_certificate_that_a_stranger_verifies(live, office, person, width, language, scripts):
    admin, student = person("desk", language, scripts), person(width, language, scripts)
    instructor, stranger = person("phone", language, scripts), person(width, language, scripts)
    enrol(admin, language)
    settle_in(student, live, language)
    learn(student)
    watch_and_sign(instructor)
    record_hours(instructor)
    countersign(student)
    issue(admin, language)
    stranger.open(take_it_home(student))
    assert {"en": "Valid", "es": "Válid"}[language] in stranger.page.locator("main").inner_text()
    assert NAME in stranger.page.locator("main").inner_text()
