"""How a thing to do is put into words: kicker, title, sentence, address and button."""

from dataclasses import dataclass

from flask import url_for

from lms.cohorts.words import STATEMENT_TITLES
from lms.home.rules import Kind, Thing
from lms.home.service import StudentHome
from lms.i18n import _, language, long_date, ngettext


@dataclass(frozen=True)
class Card:
    """A thing to do as the page says it."""

    title: str
    text: str
    url: str | None
    button: str = ""
    icon: str = "play"
    kicker: str = ""


def card(thing: Thing, home: StudentHome) -> Card:
    return {
        Kind.STATEMENT: _statement,
        Kind.NAME: _name,
        Kind.ADULT: _adult,
        Kind.ANSWER: _answer,
        Kind.ATTEMPT: _attempt,
        Kind.LESSON: _lesson,
        Kind.QUIZ: _quiz,
        Kind.SKILL: _skill,
        Kind.WAIT: _wait,
        Kind.CERTIFICATE: _certificate,
    }[thing.kind](thing, home)


def _statement(thing: Thing, home: StudentHome) -> Card:
    title = STATEMENT_TITLES[home.statements[thing.key].key]
    url = url_for("cohorts.sign_statement", statement_id=int(thing.key))
    return Card(
        _("Read and sign: %(title)s", title=title), _("It takes a minute."), url, _("Read it"), "pen", _("Next up")
    )


def _name(_thing: Thing, _home: StudentHome) -> Card:
    text = _("It is printed on your certificate just like this.")
    return Card(_("Confirm your legal name"), text, url_for("accounts.name"), _("Look at it"), "person", _("Next up"))


def _adult(_thing: Thing, _home: StudentHome) -> Card:
    text = _("The law asks for it before you work with patients.")
    return Card(
        _("Confirm that you are 18 or older"), text, url_for("accounts.adult"), _("Open"), "check", _("Next up")
    )


def _answer(thing: Thing, home: StudentHome) -> Card:
    row = next(row for row in home.skills if row.newest and str(row.newest.id) == thing.key)
    title = _("See what was signed: %(title)s", title=row.skill.title.get(language()))
    url = url_for("practicals.show", sheet_id=int(thing.key))
    return Card(
        title, _("Your instructor signed a sheet. Say that you have seen it."), url, _("See it"), "pen", _("Next up")
    )


def _attempt(thing: Thing, _home: StudentHome) -> Card:
    url = url_for("quizzes.resume", attempt_id=int(thing.key))
    return Card(_("Go on with your quiz"), _("Your answers are kept."), url, _("Continue"), "quiz", _("Under way"))


def _lesson(_thing: Thing, home: StudentHome) -> Card:
    place, lesson = home.place, home.lesson
    if place is None or lesson is None:
        return _wait(_thing, home)
    step = lesson.step(place.step_id)
    number = lesson.steps.index(step) + 1
    text = _("Step %(n)s of %(all)s: %(title)s", n=number, all=len(lesson.steps), title=step.title.get(language()))
    url = url_for("courses.step", module_id=place.module_id, lesson_id=place.lesson_id, step_id=place.step_id)
    kicker = ngettext("Next up · about %(num)s minute", "Next up · about %(num)s minutes", lesson.total_minutes)
    return Card(lesson.title.get(language()), text, url, _("Continue the lesson"), "play", kicker)


def _quiz(thing: Thing, home: StudentHome) -> Card:
    module = home.edition.module(thing.key)
    text = ngettext("%(num)s question, no time limit.", "%(num)s questions, no time limit.", module.quiz.draw)
    url = url_for("quizzes.show", module_id=module.id)
    return Card(
        _("Quiz: %(title)s", title=module.title.get(language())), text, url, _("To the quiz"), "quiz", _("Next up")
    )


def _skill(thing: Thing, home: StudentHome) -> Card:
    skill = home.edition.skill(thing.key)
    text = _("Practice it in the lab. Then ask your instructor to watch.")
    url = url_for("practicals.mine")
    return Card(skill.title.get(language()), text, url, _("See the steps"), "hand", _("Next up"))


def _wait(_thing: Thing, home: StudentHome) -> Card:
    text = _("You have nothing to do now. Below is what is left and who does it.")
    return Card(
        _("It is the school's turn"),
        text,
        url_for("certificates.mine"),
        _("What is left"),
        "check",
        _("All done for now"),
    )


def _certificate(_thing: Thing, home: StudentHome) -> Card:
    certificate = home.certificate
    day = long_date(certificate.completed_on) if certificate else ""
    text = _("You completed the course on %(day)s.", day=day)
    return Card(
        _("Your certificate is here"), text, url_for("certificates.mine"), _("Open it"), "award", _("Well done")
    )
