"""R4, R5: what a student may not read yet is in no byte of any answer, and a try tells nothing that helps the next."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from lms.catalog.formats.canonical import address_of
from lms.catalog.items import Item
from lms.catalog.types import Edition
from lms.certificates import service as certificates
from lms.certificates.rules import Reason
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.quizzes import service as quizzes
from lms.quizzes.models import Attempt
from tests import factories, synthetic
from tests.attacks import pages
from tests.attacks.world import canaries, right_answer, stored

KEY = re.compile(r"73,?219")


def crawl(browser, *starts: str, most: int = 150) -> Iterator[tuple[str, str]]:
    """(address, everything it answers) of every page that links lead to."""
    todo, seen = list(starts), set(starts)
    for _page in count():
        if not todo or _page > most:
            break
        address = todo.pop(0)
        answer = browser.get(address)
        body = answer.data.decode("utf-8", "replace")
        yield address, f"{answer.status_code} {answer.headers}\n{body}"
        found = [link.split("#")[0].replace("&amp;", "&") for link in re.findall(r'(?:href|action)="(/[^"]*)"', body)]
        found += [answer.location] if (answer.location or "").startswith("/") else []
        new = [link for link in dict.fromkeys(found) if link not in seen and not link.startswith("/static")]
        seen.update(new)
        todo += [link for link in new if not link.endswith(".pdf")]


PLACES = ("/home", "/learn", "/skills", "/record", "/hours", "/account", "/quizzes/M01", "/quizzes/M02")
WHO = ("maya", "liam", "eve", "pia", "nora", "zoe")


def test_r04_no_page_that_a_student_reaches_holds_a_secret(world, browsers):
    """R4: keys and reasons before release, rubrics, drafts of sheets, and other people's papers."""
    leaks = [leak for name in WHO for leak in _leaks(world, browsers(getattr(world, name)), name)]
    assert leaks == []


def _leaks(world, browser, name: str) -> Iterator[str]:
    attempts = [f"/attempts/{one.id}" for one in (world.open_attempt, world.missed_attempt, world.passed_attempt)]
    direct = [f"{one}{end}" for one in attempts for end in ("", "/1", "/2", "/check", "/result")]
    ends = ("", ".pdf", "/record.json")
    sheets = [f"/sheets/{one.id}{end}" for one in (world.signed, world.unsigned) for end in ends]
    sheets = [address for address in sheets if not (name == "maya" and ".pdf" in address)]
    allowed = released(world, name)
    for address, everything in crawl(browser, *PLACES, *direct, *sheets, f"/certificates/{world.certificate.id}.pdf"):
        found = set(re.findall(r"CANARY-[A-Z]+(?:-[\w-]+)?", everything)) - allowed
        if name == "nora" and address.endswith(".pdf"):
            found.discard("CANARY-CERTIFICATE")
        if found or (KEY.search(everything) and "key" not in allowed):
            yield f"{address} to {name}: {found or 'the number'}"


def released(world, name: str) -> set[str]:
    """What may be told: Maya passed a quiz and has a signed sheet; Liam is told about his own choices."""
    if name == "maya":
        items = world.edition.module("M01").items
        told = {f"CANARY-WHY-{item.id}-{o.id}" for item in items for o in item.options}
        return {*told, *(f"CANARY-WHY-{item.id}" for item in items), "CANARY-DRAFT-COMMENT", "key"}
    if name == "liam":
        return set(_reasons_of_own_choices(world))
    return set()


def _reasons_of_own_choices(world) -> Iterator[str]:
    for line in world.missed_attempt.form:
        item = world.edition.module("M01").item(line["item"])
        if item.type in ("single", "true_false"):
            yield from (f"CANARY-WHY-{item.id}-{letter}" for letter in synthetic.wrong_answer(item))


def test_r04_the_answer_of_a_saved_question_is_the_same_for_right_and_wrong(world, browsers):
    browser, attempt = browsers(world.maya), world.open_attempt
    for number, line in enumerate(attempt.form, 1):
        item, said = world.edition.module("M02").item(line["item"]), set()
        for given in (right_answer(item), synthetic.wrong_answer(item)):
            headers = {"X-Requested-With": "fetch"}
            data = {"csrf_token": browser.token(), "answer": given}
            answer = browser.post(f"/attempts/{attempt.id}/{number}", data=data, headers=headers)
            kept = {name: re.sub(r"[0-9a-f]{12}|\d", "#", value) for name, value in answer.get_json().items()}
            said.add((answer.status_code, json.dumps(kept)))
        assert len(said) == 1


def flipped(edition: Edition) -> Edition:
    """The same course to look at, with every key turned round."""
    modules = tuple(replace(m, items=tuple(map(_flip, m.items))) for m in edition.modules)
    return replace(edition, course_id="synthetic-flipped", modules=modules)


def _flip(item: Item) -> Item:
    options = tuple(replace(one, correct=not one.correct) for one in item.options)
    value = None if item.value is None else 1.0
    draft = replace(item, options=options, value=value, hash="")
    return replace(draft, hash=address_of(draft))


def test_r04_the_pages_of_a_quiz_do_not_depend_on_its_key(world, browsers, monkeypatch):
    """Byte for byte: two courses that differ in nothing but the key."""
    monkeypatch.setattr(quizzes.rules, "option_order", lambda item, _rng: [o.id for o in item.options])
    monkeypatch.setattr(quizzes.rules, "draw", _in_order(quizzes.rules))
    seen = [_pages_of_a_quiz(course, browsers) for course in (canaries(), flipped(canaries()))]
    assert seen[0] == seen[1]
    assert all("Question 1" in page or "Question" in page for page in seen[0])


def _in_order(rules):
    def draw(module, _rng, _earlier=()):
        chosen = module.items[: module.quiz.draw]
        return [{"item": i.id, "hash": i.hash, "options": [o.id for o in i.options]} for i in chosen]

    return draw


def _pages_of_a_quiz(course: Edition, browsers) -> list[str]:
    student = factories.user(legal_name="Twin", email=None, login_name=f"twin{next(factories.numbers)}")
    row = factories.enrolment(factories.cohort(edition=course, name="Twins"), student)
    factories.read_lessons(row, "M01")
    attempt, browser = quizzes.start(row.id, "M01", by=student.id), browsers(student)
    numbers = range(1, len(attempt.form) + 1)
    addresses = [f"/attempts/{attempt.id}/{n}" for n in numbers] + [f"/attempts/{attempt.id}/check"]
    hidden = (attempt.id, student.login_name)
    return [pages.plain(browser.get(address).text.replace(address, "HERE"), *hidden) for address in addresses]


def test_r04_why_a_certificate_was_revoked_is_the_schools_alone(world, browsers):
    certificates.revoke(world.certificate.id, reason=Reason.INTEGRITY, words="CANARY-REVOKED", by=world.admin.id)
    for who, starts in ((world.nora, PLACES), (None, (f"/verify/{world.certificate.token}", "/verify"))):
        for address, everything in crawl(browsers(who), *starts):
            assert "CANARY-REVOKED" not in everything, address
            assert "integrity" not in everything.lower(), address


# ---- handing in ---------------------------------------------------------------------------------------------------
def state(row: Enrolment, new: EnrolmentState) -> None:
    with db.write():
        db.locked(Enrolment, row.id).state = new


@pytest.mark.parametrize("gone", [EnrolmentState.LEAVE, EnrolmentState.WITHDRAWN, EnrolmentState.AWARDED])
def test_r05_no_enrolment_no_start_no_answer_no_handing_in(world, browsers, gone: EnrolmentState):
    """R5"""
    state(world.enrolment(world.maya), gone)
    browser, before, attempt = browsers(world.maya), stored(), world.open_attempt.id
    for address in ("/quizzes/M02/start", f"/attempts/{attempt}/1", f"/attempts/{attempt}/submit"):
        answer = browser.force(address, answer="a")
        assert answer.status_code in (303, 404, 409)
    changed = {name for name, rows in stored().items() if rows != before[name]}
    assert changed == set()


def test_r05_what_was_handed_in_takes_no_answer_and_no_second_judgement(world, browsers):
    browser, before, attempt = browsers(world.liam), stored(), world.missed_attempt.id
    assert browser.force(f"/attempts/{attempt}/1", answer="b").status_code == 409
    assert browser.force(f"/attempts/{attempt}/submit").status_code == 303
    assert stored() == before


def test_r05_the_next_try_waits_and_after_the_last_there_is_none(world, browsers, time):
    browser, row = browsers(world.liam), world.enrolment(world.liam)
    for number in (2, 3):
        assert browser.force("/quizzes/M01/start").status_code == 409
        time.forward(minutes=31)
        assert browser.force("/quizzes/M01/start").status_code == 303
        attempt = quizzes.standing(row, "M01").open_attempt_id
        assert browser.force(f"/attempts/{attempt}/submit").status_code == 303
        assert quizzes.standing(row, "M01").used == number
    time.forward(days=30)
    assert browsers(world.liam).force("/quizzes/M01/start").status_code == 409
    assert db.session.query(Attempt).filter_by(enrolment_id=row.id).count() == 3


def test_r05_an_answer_to_a_question_that_was_not_drawn_is_refused(world, browsers):
    browser, attempt = browsers(world.maya), world.open_attempt
    assert browser.force(f"/attempts/{attempt.id}/5", answer="a").status_code == 404
    assert browser.force(f"/attempts/{attempt.id}/0", answer="a").status_code == 404
    numbers = [n for n, line in enumerate(attempt.form, 1) if line["options"]]
    for wrong in (["z"], ["A"], ["b "], [""] * 2 + ["nope"]):
        assert browser.force(f"/attempts/{attempt.id}/{numbers[0]}", answer=wrong).status_code == 422
    assert quizzes.sitting(attempt.id, for_=world.maya).answers == {}
