"""What people do in the browser: each act is one sentence of a story."""

import re
from datetime import timedelta
from pathlib import Path

import pyotp

from lms import clock, jobs
from lms.access import Role
from lms.accounts import passwords
from lms.accounts import service as accounts
from lms.accounts.models import AccessToken
from lms.catalog.types import Edition
from lms.cohorts.models import Enrolment
from lms.db import db
from lms.school import service as school
from tests import factories, synthetic
from tests.browser.conftest import Live, Person

PASSWORD = "calm hands learn slowly"
NEW_PASSWORD = "slow strokes toward the heart"


# ---- the keyboard and the mouse


def fill(person: Person, **values: str) -> None:
    for name, value in values.items():
        person.page.fill(f"main [name={name}]", value)


def check(person: Person, name: str, value: str | None = None) -> None:
    """Tick a box or choose a radio by the field's name and value."""
    person.page.locator(f'main [name="{name}"]' + (f'[value="{value}"]' if value else "")).first.check()


def submit(person: Person, selector: str = "main form[method=post]") -> None:
    """Press the first button of the form: neither the one for the Enter key nor the one that changes the language."""
    person.press(f"{selector} button:not([tabindex='-1'], .lang)")


# ---- behind the pages


def staff(role: Role, name: str):
    person = factories.user(role, legal_name=name, email=f"{role}@school.example")
    accounts.set_password(person.id, passwords.hashed(PASSWORD))
    return person


def work() -> int:
    """What the worker does; it sees what was stored until now."""
    db.session.rollback()
    return jobs.run_waiting()


def link_in_the_letter(live: Live) -> str:
    """The link in the newest letter that the worker mailed and the log mailer kept."""
    work()
    letters = sorted(live.app.config["DATA_DIR"].glob("mail/*.eml"), key=lambda path: (path.stat().st_mtime_ns, path))
    found = [link for letter in letters if (link := _link(letter))]
    return found[-1]


def _link(letter: Path) -> str | None:
    text = letter.read_text().replace("=\n", "").replace("=3D", "=")
    found = re.search(r"http://localhost:\d+(/(?:invitations|reset)/\S+)", text)
    return found[1] if found else None


def let_links_expire() -> None:
    db.session.rollback()
    with db.write():
        db.session.query(AccessToken).update({AccessToken.expires_at: clock.now() - timedelta(minutes=1)})


def let_a_week_pass() -> None:
    """As if everybody had been enrolled a week ago: hours count from that day on."""
    db.session.rollback()
    with db.write():
        db.session.query(Enrolment).update({Enrolment.started_on: school.today() - timedelta(days=7)})


# ---- coming in


def sign_in(person: Person, login: str, password: str = PASSWORD) -> None:
    person.open("/login")
    fill(person, login=login, password=password)
    submit(person, "main form:has([name=password])")


def speak(person: Person, language: str) -> None:
    """Choose the language on the page that is open, where it is another one."""
    button = f'button.lang[value="{language}"]'
    if person.page.locator(button).count():
        person.press(button)


def sign_out(person: Person) -> None:
    person.open("/account")
    person.press('main form[action="/logout"] button')


def confirm_that_it_is_me(person: Person) -> None:
    """A step that asks for the password once more, where it does."""
    if "/account/confirm" in person.page.url:
        fill(person, password=PASSWORD)
        submit(person)


def take_up_the_invitation(student: Person, link: str, language: str) -> None:
    student.open(link)
    check(student, "locale", language)
    check(student, "adult")
    fill(student, new_password=PASSWORD)
    submit(student, "main form:has([name=new_password])")


def ask_for_a_newer_invitation(student: Person, live: Live) -> str:
    """The link in the letter is too old; its page sends a new one in one tap."""
    old = link_in_the_letter(live)
    let_links_expire()
    student.open(old, status=410)
    submit(student, 'form[action$="/again"]')
    new = link_in_the_letter(live)
    assert new != old
    return new


def forget_the_password(student: Person, live: Live, login: str) -> None:
    student.open("/login")
    student.press('a[href*="/reset"]')
    fill(student, login=login)
    submit(student, "main form:has([name=login])")
    student.open(link_in_the_letter(live))
    fill(student, new_password=NEW_PASSWORD)
    submit(student, "main form:has([name=new_password])")


def set_up_the_second_step(person: Person, login: str) -> None:
    """From the code on the screen to a sign-in with one of the recovery codes."""
    person.open("/account/second-factor")
    confirm_that_it_is_me(person)
    person.page.locator("main details summary").first.click()
    secret = person.page.locator("main code.hash").inner_text().replace(" ", "")
    fill(person, code=pyotp.TOTP(secret).at(clock.now()))
    submit(person)
    codes = person.page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    person.press('main a[href="/home"]')
    sign_out(person)
    sign_in(person, login)
    fill(person, code=codes[0])
    submit(person, "main form:has([name=code])")
    person.open("/account/second-factor")
    confirm_that_it_is_me(person)
    assert "9" in person.text()


def end_other_sessions(person: Person, login: str, password: str) -> None:
    person.context.clear_cookies()
    sign_in(person, login, password)
    person.open("/account/sessions")
    assert person.page.locator(".stuck li").count() == 2
    person.press('form[action$="/end-others"] button')
    assert person.page.locator(".stuck li").count() == 1


# ---- the office


def open_a_cohort(admin: Person, name: str = "Spring") -> None:
    admin.open("/cohorts/new")
    today = school.today()
    fill(admin, name=name, starts_on=str(today - timedelta(days=10)), ends_on=str(today + timedelta(days=60)))
    check(admin, "instructors")
    submit(admin)
    for state in ("open", "running"):
        admin.press(f'form:has([name=state][value="{state}"]) button')


def enrol(admin: Person, name: str, language: str, email: str = "") -> None:
    admin.open("/cohorts/1")
    admin.press('a[href$="/enrol"]')
    fill(admin, legal_name=name, email=email)
    check(admin, "locale", language)
    submit(admin)


def print_the_slip(admin: Person) -> tuple[str, str]:
    """On paper there are the code, the address and the login name, and no button; returns the address and the name."""
    admin.press('main a[href^="/people/"]')
    admin.press('main a[href$="/slip"]')
    admin.page.emulate_media(media="print")
    assert admin.page.locator(".qr svg").is_visible()
    assert not admin.page.locator("main .btn").is_visible()
    assert not admin.page.locator("header.top nav").is_visible()
    address, login, _until = admin.page.locator("dl dd").all_inner_texts()
    admin.page.emulate_media(media="screen")
    return address, login


def issue(admin: Person, language: str) -> None:
    admin.open("/cohorts/1/readiness?state=ready")
    check(admin, "who")
    admin.press('button[form="batch"]')
    check(admin, "language", language)
    admin.press("main form[method=post]:has([name=who]) button")
    assert work() >= 1, admin.text()


def revoke(admin: Person, certificate: int, reason: str) -> None:
    admin.open("/certificates")
    admin.press(f'main a[href="/certificates/{certificate}"]')
    admin.press('main a[href$="/revoke"]')
    check(admin, "reason", reason)
    fill(admin, words="The name was misspelled.", password=PASSWORD)
    submit(admin)


# ---- the course


def settle_in(student: Person) -> None:
    """The statements and the name, as the first page asks for them one by one."""
    for _statement in range(3):
        student.open("/home")
        student.press('.next a[href*="/statements/"]')
        check(student, "agree")
        submit(student)
    student.open("/account/name")
    if student.page.locator("main [name=legal_name]").count():
        submit(student)
        submit(student)


def learn(student: Person, edition: Edition) -> None:
    """Every lesson and quiz, by the one next thing of the first page."""
    for module in edition.modules:
        for lesson in module.lessons:
            student.open("/home")
            student.press(".next a.btn")
            for _step in lesson.steps:
                submit(student, ".onward form")
        if f"/quizzes/{module.id}" not in student.page.url:
            student.open(f"/quizzes/{module.id}")
        take_the_quiz(student, edition)


def take_the_quiz(student: Person, edition: Edition) -> None:
    submit(student)
    student.walk_by_keyboard()
    last = False
    while not last:
        answer(student, edition)
        last = student.page.locator("main form button.btn[name=go][value=next]").count() == 0
        student.press(f'main form button.btn[name=go][value="{"check" if last else "next"}"]')
    submit(student)


def answer(student: Person, edition: Edition) -> None:
    heading = _plain(student.page.locator("h1").inner_text())
    item = next(one for one in edition.items if _plain(one.stem.en) in heading or _plain(one.stem.get("es")) in heading)
    right = synthetic.right_answer(item)
    if student.page.locator("input[name=answer].in").count():
        fill(student, answer=right[0])
        return
    for value in right:
        check(student, "answer", value)


def _plain(text: str) -> str:
    """The words alone: neither the marks of Markdown nor the spaces of a page."""
    return re.sub(r"[^\w]+", "", text).casefold()


def countersign(student: Person) -> None:
    student.open("/home")
    student.press('a[href*="/sheets/"]')
    student.press('form:has([name=agreed][value="yes"]) button, button[name=agreed][value="yes"]')


def take_the_certificate_home(student: Person) -> tuple[bytes, str, str]:
    """The PDF, the link that anybody may follow, and the serial."""
    student.open("/record")
    assert student.page.locator('a[href$=".pdf"]').count(), student.text()
    with student.page.expect_download() as download:
        student.page.locator('a[href$=".pdf"]').first.click()
    data = download.value.path().read_bytes()
    assert data.startswith(b"%PDF-1.7")
    link = student.page.locator('main a[href*="/verify/"]').first.get_attribute("href") or ""
    return data, link, re.findall(r"LGS-\w+-\d{4}-\d{6}-\d", student.page.content())[0]


# ---- the lab


def watch_and_sign(instructor: Person, edition: Edition) -> None:
    """Each open skill of the first student on the list, every step seen; the rating is asked last."""
    instructor.open("/home")
    instructor.press(".people a")
    submit(instructor)
    instructor.walk_by_keyboard()
    for step in edition.skills[0].steps:
        check(instructor, step.id, "independent")
    if instructor.scripts:
        _the_bar_asks_for_the_rating(instructor)
    check(instructor, "rating", "4")
    instructor.page.locator("#comment").fill("Calm hands.")
    if instructor.scripts:
        instructor.page.locator("#comment").blur()
        instructor.page.locator("[data-sign][aria-disabled=false]").wait_for()
    instructor.press("[data-sign]")
    fill(instructor, place="Lab 1", password=PASSWORD)
    submit(instructor)


def _the_bar_asks_for_the_rating(instructor: Person) -> None:
    bar = instructor.page.locator("[data-count=left]")
    bar.filter(has_text=bar.get_attribute("data-unrated")).wait_for()
    instructor.page.locator("[data-sign]").click(force=True)  # what is disabled in name alone can be pressed
    assert instructor.page.evaluate("document.activeElement.name") == "rating"


def record_hours(instructor: Person, *classes: tuple[str, str, str]) -> None:
    """A roster for each class (its key or kind, from, to), then everything approved."""
    yesterday = school.today() - timedelta(days=1)
    for planned, first, last in classes:
        instructor.open("/cohorts/1/roster")
        check(instructor, "planned", planned)
        fill(instructor, held_on=str(yesterday), starts=first, ends=last)
        check(instructor, "present")
        submit(instructor)
    instructor.open("/hours/to-approve")
    for box in instructor.page.locator("[name=entries]").all():
        box.check()
    instructor.press('button[value="approve"]')


# ---- a stranger


def verify_by_serial(stranger: Person, serial: str, name: str) -> None:
    stranger.open("/verify")
    fill(stranger, serial=serial, name=name)
    submit(stranger, "main form:has([name=serial])")


def drop_the_pdf(stranger: Person, data: bytes) -> bool:
    """Whether the open page says that this file is the one the school issued."""
    file = {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": data}
    if stranger.scripts:
        stranger.page.set_input_files("[data-verify] input", file)
        says = stranger.page.locator(".drop-says:is(.same, .other)")
        says.wait_for()
        return "same" in (says.get_attribute("class") or "")
    stranger.page.set_input_files("main [name=file]", file)
    submit(stranger, "main form:has([name=file])")
    return stranger.page.locator(".note.ok[role=status]").count() == 1
