"""What tests of practicals begin with: a student who may try a skill, and an instructor who may sign it."""

import re
from dataclasses import dataclass
from datetime import timedelta

from flask import g
from flask.testing import FlaskClient

from lms import clock
from lms.access import Role
from lms.accounts import passwords
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.types import Skill
from lms.cohorts.models import Cohort, Enrolment
from lms.db import db
from lms.practicals import service
from lms.practicals.models import Sheet
from lms.practicals.rules import Changes, Mark, Proof
from lms.quizzes.models import Attempt
from tests import factories, synthetic

PASSWORD = "calm hands over the lower back"
SHORT = synthetic.edition(name="short", skills=2, checklist=3)


@dataclass
class Lab:
    """A cohort with one instructor and one student who passed every quiz."""

    instructor: User
    cohort: Cohort
    enrolment: Enrolment
    student: User

    @property
    def skill(self) -> Skill:
        return catalog.edition(self.enrolment.course_version_id).skill("S01")

    def open(self, skill_id: str = "S01") -> Sheet:
        return service.open_sheet(self.enrolment.id, skill_id, by=self.instructor.id)

    def marked(self, skill_id: str = "S01", *, rating: int = 4, **marks: Mark) -> Sheet:
        """Every step independent, but for those named like S01_02=Mark.PROMPTED."""
        sheet = self.open(skill_id)
        return self.mark(sheet, rating=rating, **marks)

    def mark(self, sheet: Sheet, *, rating: int = 4, **marks: Mark) -> Sheet:
        skill = catalog.edition(self.enrolment.course_version_id).skill(sheet.skill_id)
        given = {step.id: marks.get(step.id.replace("-", "_"), Mark.INDEPENDENT) for step in skill.steps}
        reasons = {key: "Not needed today." for key, mark in given.items() if mark is Mark.NOT_APPLICABLE}
        entered = Changes(marks=given, reasons=reasons, chips=("calm",), comment="Warm hands.", rating=rating)
        return service.save(sheet.id, entered, by=self.instructor.id)

    def sign(self, sheet: Sheet, **changes: object) -> Sheet:
        now = clock.now()
        given = {
            "version": db.session.get(Sheet, sheet.id, populate_existing=True).version,
            "proof": Proof("password", now),
            "place": "Room B",
            "observed_at": now - timedelta(minutes=10),
            "by": self.instructor.id,
            **changes,
        }
        return service.sign(sheet.id, **given)

    def signed(self, skill_id: str = "S01", **marks: Mark) -> Sheet:
        return self.sign(self.marked(skill_id, **marks))

    def not_yet(self, skill_id: str = "S01") -> Sheet:
        return self.sign(self.marked(skill_id, rating=2))


def lab(edition=None, **student: object) -> Lab:
    person = factories.user(Role.INSTRUCTOR, legal_name="Dana Reyes", password_hash=passwords.hashed(PASSWORD))
    factories.credential(person, "PT")
    cohort = factories.cohort(person, edition=edition or SHORT, room="Room B")
    learner = factories.user(**{"legal_name": "Maya Torres", **student})
    enrolment = factories.enrolment(cohort, learner)
    passed_quizzes(enrolment)
    return Lab(person, cohort, enrolment, learner)


def passed_quizzes(enrolment: Enrolment, *module_ids: str) -> None:
    for module in catalog.edition(enrolment.course_version_id).modules:
        if module_ids and module.id not in module_ids:
            continue
        factories.add(
            Attempt(
                enrolment_id=enrolment.id,
                module_id=module.id,
                number=1,
                form=[],
                pass_percent=80,
                started_at=clock.now(),
                submitted_at=clock.now(),
                correct=4,
                passed=True,
                receipt="receipt",
            )
        )


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the first form that has an act key, as a browser sends them."""
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.S) if 'name="act_key"' in f)
    return fields(form)


def fields(form: str) -> dict[str, str]:
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="hidden"' in tag:
            found[name[1]] = value[1] if value else ""
    return found


def form_to(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to this address."""
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}"' in f)
    return fields(form)


def taps(browser: FlaskClient, sheet_id: int, **entered: str):
    g.pop("csrf_token", None)  # another browser's, in a test with two
    page = browser.get(f"/sheets/{sheet_id}").text
    sent = {**form_to(page, f"/sheets/{sheet_id}"), **{k.replace("_", "-"): v for k, v in entered.items()}}
    return browser.post(f"/sheets/{sheet_id}/marks", data={"changed": next(iter(entered), ""), **sent})


def signs(browser: FlaskClient, sheet_id: int, **typed: str):
    page = browser.get(f"/sheets/{sheet_id}/sign").text
    return browser.post(f"/sheets/{sheet_id}/sign", data=signature(page, **typed))


def signature(page: str, **typed: str) -> dict[str, str]:
    """The form of the signing page with a password typed."""
    observed = re.search(r'name="observed"[^>]*value="([^"]+)"', page)
    place = re.search(r'name="place"[^>]*value="([^"]*)"', page)
    shown = {"observed": observed[1] if observed else "", "place": place[1] if place else ""}
    return {**hidden(page), **shown, "password": PASSWORD, **typed}
