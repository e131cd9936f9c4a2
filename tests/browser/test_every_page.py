"""Every step, figure and checklist of the shipped course, in both languages, on a phone and on a desk."""

import re

import pytest

from lms.access import Role
from lms.accounts import passwords
from lms.accounts import service as accounts
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.config import content_path
from lms.db import db
from tests import factories
from tests.browser import acts
from tests.browser.conftest import WIDTHS, Person

pytestmark = [pytest.mark.browser, pytest.mark.once]
FIGURE = re.compile(r'<figure id="figure-([a-z0-9-]+)-en">')
# words that are missing, or that leave the plate they stand on
LABELS = """() => [...document.querySelectorAll("svg.fig")].flatMap(plate => {
    const [, , wide, high] = plate.getAttribute("viewBox").split(" ").map(Number);
    const shown = plate.getBoundingClientRect();
    if (!shown.width) return [];
    const scale = wide / shown.width;
    return [...plate.querySelectorAll("text")].flatMap(one => {
        const box = one.getBoundingClientRect();
        const [left, right] = [(box.left - shown.left) * scale, (box.right - shown.left) * scale];
        const [top, bottom] = [(box.top - shown.top) * scale, (box.bottom - shown.top) * scale];
        if (!one.textContent.trim()) return ["an empty label"];
        const out = left < -1 || top < -1 || right > wide + 1 || bottom > high + 1;
        return out ? [`“${one.textContent}” leaves its plate`] : [];
    });
})"""


@pytest.fixture
def edition(live) -> Edition:
    version = catalog.publish(content_path())
    return catalog.edition(version.id)


def reader(edition: Edition, person, language: str) -> Person:
    """A student to whom every module is open."""
    student = factories.user(Role.STUDENT, email=f"{language}@school.example", locale=language)
    accounts.set_password(student.id, passwords.hashed(acts.PASSWORD))
    row = factories.enrolment(factories.cohort(edition=edition), student)
    factories.read_lessons(row, *(module.id for module in edition.modules))
    db.session.rollback()
    browser = person("phone", language)
    acts.sign_in(browser, f"{language}@school.example")
    return browser


def look_at(browser: Person, path: str) -> None:
    """The page at both widths: it answers, is no wider than the window, and every label stands on its plate."""
    answer = browser.page.goto(browser.base + path)
    assert answer, path
    assert answer.status == 200, f"{path}: {answer.status}"
    for wide, high in WIDTHS.values():
        browser.page.set_viewport_size({"width": wide, "height": high})
        browser._fits(path, f" at {wide}")
        browser.complaints += [f"{path} at {wide}: {said}" for said in browser.page.evaluate(LABELS)]


def test_every_module_prints_whole_and_within_the_window(edition, person):
    """In Spanish, where safety lessons bring their English along."""
    browser = reader(edition, person, "es")
    for module in edition.modules:
        look_at(browser, f"/print/{module.id}")


@pytest.mark.soak
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_step_figure_and_skill_opens(edition, person, language):
    browser = reader(edition, person, language)
    for module in edition.modules:
        for lesson in module.lessons:
            for step in lesson.steps:
                look_at(browser, f"/learn/{module.id}/{lesson.id}/{step.id}")
                for name in FIGURE.findall(step.html.en):
                    look_at(browser, f"/learn/{module.id}/{lesson.id}/figures/{name}")
    for skill in edition.skills:
        look_at(browser, f"/checklists/{skill.id}")
    for path in (
        "/learn",
        "/course",
        "/course/evidence",
        "/course/scope",
        "/course/syllabus",
        "/glossary",
        "/references",
    ):
        look_at(browser, path)
