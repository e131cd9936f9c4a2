"""A step read aloud by the device: offered where it has a voice, the word marked, and stopped by a second press."""

import pytest

from lms.access import Role
from lms.accounts import passwords
from lms.accounts import service as accounts
from lms.db import db
from lms.quizzes import service as quizzes
from tests import factories
from tests.browser import acts

pytestmark = [pytest.mark.browser, pytest.mark.once]
STEP = "/learn/M01/m01-lesson-1/step-1"
# a device's speech, which says a word when the test asks for it
DEVICE = """voices => {
    const said = [];
    Object.defineProperty(window, "speechSynthesis", {value: {
        getVoices: () => voices, addEventListener() {}, cancel() { said.length = 0; },
        speak(one) { said.push(one); window.said = said; },
    }});
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
}"""
SPOKEN = """() => [...CSS.highlights.get("spoken")].map(range => range.toString())"""


@pytest.fixture
def student(live, person):
    def reads(*voices: dict[str, object], language: str = "en"):
        student = factories.user(Role.STUDENT, email="maya@school.example", locale=language)
        accounts.set_password(student.id, passwords.hashed(acts.PASSWORD))
        factories.enrolment(factories.cohort(), student)
        db.session.rollback()
        browser = person("phone", language)
        browser.page.add_init_script(f"({DEVICE})({list(voices)!r})".replace("True", "true").replace("False", "false"))
        acts.sign_in(browser, "maya@school.example")
        browser.open(STEP)
        return browser.page

    return reads


def voice(lang: str, *, local: bool = True) -> dict[str, object]:
    return {"lang": lang, "localService": local, "name": lang}


def test_the_word_that_is_said_is_marked_and_a_second_press_stops(student):
    page = student(voice("en-US"))
    button = page.locator("[data-listen]")
    assert button.inner_text().strip() == "Listen"
    button.click()
    assert button.inner_text().strip() == "Stop reading"
    assert page.evaluate("said[0].text").startswith("Wash hands before you touch.")
    page.evaluate("said[0].onboundary({name: 'word', charIndex: 5, charLength: 5})")
    assert page.evaluate(SPOKEN) == ["hands"]
    button.click()
    assert button.inner_text().strip() == "Listen"
    assert page.evaluate(SPOKEN) == []


def test_both_languages_are_read_by_their_own_voices_and_the_end_frees_the_button(student):
    page = student(voice("en-US"), voice("es_MX"), language="es")
    page.locator("[data-listen]").click()
    said = []
    while page.locator("[data-listen][data-reading]").count():
        said.append(page.evaluate("said.at(-1).lang"))
        page.evaluate("said.at(-1).onend()")
    assert set(said) == {"es_MX", "en-US"}
    assert said[0] == "es_MX"


def test_without_a_voice_of_the_language_on_this_device_nothing_is_offered(student):
    assert not student(voice("fr-FR"), voice("en-US", local=False)).locator("[data-listen]").is_visible()


def test_a_step_that_was_flipped_is_read_in_its_new_language(student):
    page = student(voice("en-US"), voice("es-US"))
    page.locator("#flip").click()
    page.wait_for_selector("h1[lang=es]")
    page.locator("[data-listen]").click()
    assert page.evaluate("said[0].lang") == "es-US"
    assert page.url.endswith("?words=es")


def test_a_question_is_read_in_each_language_and_nothing_that_is_not_shown(live, person):
    """Letters of tiles, what stands for browsers without scripts, and where the page says that it saved stay silent."""
    student = factories.user(Role.STUDENT, email="maya@school.example", locale="es")
    accounts.set_password(student.id, passwords.hashed(acts.PASSWORD))
    row = factories.enrolment(factories.cohort(), student)
    factories.read_lessons(row, "M01")
    attempt = quizzes.start(row.id, "M01", by=student.id)
    db.session.rollback()
    browser = person("phone", "es")
    voices = [voice("en-US"), voice("es-US")]
    browser.page.add_init_script(f"({DEVICE})({voices!r})".replace("True", "true"))
    acts.sign_in(browser, "maya@school.example")
    for number in range(1, 5):
        browser.open(f"/attempts/{attempt.id}/{number}")
        browser.page.locator("[data-listen]").click()
        heard = []
        while browser.page.locator("[data-listen][data-reading]").count():
            heard.append(browser.page.evaluate("[said.at(-1).lang, said.at(-1).text.trim()]"))
            browser.page.evaluate("said.at(-1).onend()")
        words = [text for _lang, text in heard]
        assert any(lang == "es-US" and "(es)" in text for lang, text in heard)
        assert any(lang == "en-US" and "Question" in text for lang, text in heard)
        assert not [text for lang, text in heard if lang == "en-US" and "(es)" in text]
        assert not [text for text in words if "<" in text or text in "ABCD" or "Guardad" in text]
