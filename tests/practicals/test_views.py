"""The pages of practicals: who reaches them, what they change, and what they never change."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from lms.access import Role
from lms.accounts.models import StaffCredential, User
from lms.cohorts.models import CohortInstructor
from lms.db import db
from lms.ledger import service as ledger
from lms.ledger.record import holds, verify_record
from lms.practicals import service
from lms.practicals.models import Countersignature, Sheet
from lms.practicals.rules import Mark
from tests import factories, synthetic
from tests.practicals.factories import (
    PASSWORD,
    form_to,
    hidden,
    signature,
    signs,
    taps,
)
from tests.practicals.factories import lab as another_lab

MISSING = 987654


def stored(sheet_id: int) -> Sheet:
    db.session.rollback()
    return db.session.get(Sheet, sheet_id, populate_existing=True)


def count(table) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table))


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(db.engine, "before_cursor_execute", note)


# ---- the student's pages
def test_a_student_without_a_course_reads_what_the_page_is_for(as_, app):
    assert "once you are enrolled" in as_(factories.user()).get("/skills").text


def test_the_skills_of_a_student_say_what_each_waits_for(as_, lab):
    browser = as_(lab.student)
    page = browser.get("/skills").text
    assert "Ready to try" in page
    assert "Opens when this is signed: Skill 1." in page
    sheet = lab.signed()
    page = browser.get("/skills").text
    assert "Waiting for you" in page
    assert f'href="/sheets/{sheet.id}"' in page
    assert "Signed by Dana Reyes" in page
    service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
    assert "You countersigned on" in browser.get("/skills").text


def test_a_try_that_was_not_yet_shows_the_tries_left(as_, lab):
    lab.not_yet()
    page = as_(lab.student).get("/skills").text
    assert "Not yet, try 1 with Dana Reyes" in page
    assert "2 tries left" in page


def test_a_student_reads_the_marks_feedback_and_verdict(as_, lab):
    sheet = lab.signed(S01_02=Mark.NOT_APPLICABLE)
    page = as_(lab.student).get(f"/sheets/{sheet.id}").text
    for words in (
        "Demonstrated in school lab under supervision",
        "2 steps on their own, 1 does not apply.",
        "Safety steps on their own: 1 of 1.",
        "3 of 3 points that apply, 3 needed.",
        "Not needed today.",
        "Calm hands · Warm hands.",
        "I received this feedback. My signature does not mean that I agree.",
    ):
        assert words in page


def test_a_student_does_not_see_a_draft(as_, lab):
    assert as_(lab.student).get(f"/sheets/{lab.open().id}").status_code == 404


def answers(browser, sheet_id: int, **typed):
    page = browser.get(f"/sheets/{sheet_id}").text
    return browser.post(f"/sheets/{sheet_id}/answer", data={**form_to(page, f"/sheets/{sheet_id}/answer"), **typed})


def test_a_student_countersigns_once_whatever_is_sent_twice(as_, lab):
    sheet, browser = lab.signed(), as_(lab.student)
    page = browser.get(f"/sheets/{sheet.id}").text
    form = {**form_to(page, f"/sheets/{sheet.id}/answer"), "agreed": "yes"}
    first, again = (browser.post(f"/sheets/{sheet.id}/answer", data=form) for _ in range(2))
    assert (first.status_code, first.location) == (again.status_code, again.location) == (303, f"/sheets/{sheet.id}")
    assert count(Countersignature) == 1
    assert "Countersigned by the student" in browser.get(f"/sheets/{sheet.id}").text


def test_who_declines_without_words_keeps_the_page_and_is_told(as_, lab):
    sheet, browser = lab.signed(), as_(lab.student)
    answer = answers(browser, sheet.id, agreed="no", words="")
    assert answer.status_code == 422
    assert "Write what is not right" in answer.text
    assert count(Countersignature) == 0
    assert answers(browser, sheet.id, agreed="no", words="It was Ana, not me.").status_code == 303
    assert "It was Ana, not me." in browser.get(f"/sheets/{sheet.id}").text


def test_r1_a_student_neither_marks_nor_signs_nor_opens(as_, lab):
    sheet, browser = lab.marked(), as_(lab.student)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/skills").text)[1]
    for path in ("", "/marks", "/sign", "/amend", "/discard"):
        answer = browser.post(f"/sheets/{sheet.id}{path}", data={"csrf_token": token, "S01-01": "prompted"})
        assert answer.status_code == 403
    assert browser.get(f"/sheets/new?enrolment={lab.enrolment.id}&skill=S02").status_code == 403
    assert stored(sheet.id).signed_at is None
    assert service.marks_of(sheet.id)["S01-01"] is Mark.INDEPENDENT


# ---- who reaches which sheet
@pytest.mark.parametrize("path", ["", "/sign", ".pdf", "/record.json"])
def test_r2_a_foreign_sheet_answers_like_a_missing_one(as_, lab, path):
    sheet = lab.signed()
    for stranger in (another_lab().instructor, factories.user()):
        browser = as_(stranger)
        foreign, missing = (browser.get(f"/sheets/{key}{path}") for key in (sheet.id, MISSING))
        assert foreign.status_code == missing.status_code
        assert foreign.status_code in (403, 404)
        assert without_request(foreign.text) == without_request(missing.text)


def without_request(page: str) -> str:
    """Equal but for what names the request itself: its id, tokens and address."""
    return re.sub(r'[0-9a-f]{16}|value="[^"]*"|/sheets/[\d.a-z/]+', "", page)


def test_r2_a_foreign_cohort_and_enrolment_answer_like_missing_ones(as_, lab):
    browser = as_(another_lab().instructor)
    assert browser.get(f"/cohorts/{lab.cohort.id}/skills").status_code == 404
    assert browser.get(f"/sheets/new?enrolment={lab.enrolment.id}").status_code == 404


def test_visitors_are_sent_to_sign_in(as_, lab):
    browser = as_(None)
    for path in ("/skills", f"/cohorts/{lab.cohort.id}/skills", "/sheets/1", "/sheets/1.pdf", "/sheets/new"):
        assert browser.get(path).location.startswith("/login")


# ---- the cohort
def test_every_cell_leads_to_its_sheet_or_to_a_new_one(as_, lab):
    sheet = lab.signed()
    page = as_(lab.instructor).get(f"/cohorts/{lab.cohort.id}/skills").text
    assert f'href="/sheets/{sheet.id}" aria-label="Maya Torres, Skill 1: Waiting for a countersign"' in page
    assert f'href="/sheets/new?enrolment={lab.enrolment.id}&amp;skill=S02"' in page
    assert "1 of 2" in page


def test_the_office_sees_the_table_and_opens_no_sheets(as_, lab):
    lab.signed()
    for role in (Role.ADMIN, Role.AUDITOR):
        page = as_(factories.user(role)).get(f"/cohorts/{lab.cohort.id}/skills")
        assert page.status_code == 200
        assert "/sheets/new" not in page.text


def queries(browser, path: str) -> int:
    browser.get(path)  # editions are read once a process
    with counted() as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def test_the_student_page_asks_as_often_for_many_skills_as_for_few(as_, app):
    few, many = (another_lab(synthetic.edition(name=f"n{n}", skills=n, checklist=3)) for n in (2, 14))
    many.signed("S01")
    few.signed("S01")
    assert queries(as_(few.student), "/skills") == queries(as_(many.student), "/skills")


# ---- opening
def test_an_instructor_opens_a_sheet_and_the_form_sent_twice_opens_one(as_, lab):
    browser, url = as_(lab.instructor), f"/sheets/new?enrolment={lab.enrolment.id}&skill=S01"
    page = browser.get(url).text
    assert "Try 1 of 3." in page
    first, again = (browser.post(url, data=hidden(page)) for _ in range(2))
    assert first.location == again.location
    assert count(Sheet) == 1


def test_a_closed_skill_says_what_opens_it_and_has_no_button(as_, lab):
    page = as_(lab.instructor).get(f"/sheets/new?enrolment={lab.enrolment.id}&skill=S02").text
    assert "Opens when this is signed: Skill 1." in page
    assert 'name="act_key"' not in page


def test_an_expired_credential_is_said_before_a_sheet_is_opened(as_, lab):
    with db.write():
        db.session.scalars(sa.select(StaffCredential)).one().expires_on = factories.today() - timedelta(days=2)
    page = as_(lab.instructor).get(f"/sheets/new?enrolment={lab.enrolment.id}&skill=S01").text
    assert "no valid credential for this skill today" in page
    assert 'name="act_key"' not in page


# ---- marking
def test_nothing_is_marked_on_a_new_sheet_and_no_points_are_shown(as_, lab):
    page = as_(lab.instructor).get(f"/sheets/{lab.open().id}").text
    assert " checked" not in page
    assert "points" not in page.replace("before you see the points", "")
    assert "3 steps left" in page
    assert "aria-disabled" not in page, "without scripts Sign must send, and the answer says what is missing"


def test_only_a_step_that_may_be_left_out_offers_it(as_, lab):
    page = as_(lab.instructor).get(f"/sheets/{lab.open().id}").text
    assert page.count('value="not_applicable"') == 1
    assert 'name="S01-02-why"' in page


def test_each_tap_is_saved_and_answers_what_is_left(as_, lab):
    sheet, browser = lab.open(), as_(lab.instructor)
    answer = taps(browser, sheet.id, S01_01="independent")
    assert answer.json["left"] == 2
    assert answer.json["safety_left"] == 0
    assert answer.json["saved"]
    assert answer.json["fields"] == {"version": str(stored(sheet.id).version)}
    assert service.marks_of(sheet.id) == {"S01-01": Mark.INDEPENDENT}


def test_a_tap_sent_again_after_a_lost_reply_changes_nothing(as_, lab):
    sheet, browser = lab.open(), as_(lab.instructor)
    page = browser.get(f"/sheets/{sheet.id}").text
    sent = {**form_to(page, f"/sheets/{sheet.id}"), "changed": "S01-01", "S01-01": "prompted"}
    versions = [(browser.post(f"/sheets/{sheet.id}/marks", data=sent), stored(sheet.id).version)[1] for _ in range(2)]
    assert versions[0] == versions[1]


def test_chips_words_and_rating_are_saved_by_taps_and_can_be_taken_back(as_, lab):
    sheet, browser = lab.open(), as_(lab.instructor)
    taps(browser, sheet.id, chips="calm")
    taps(browser, sheet.id, comment="Look up more often.")
    taps(browser, sheet.id, rating="3")
    draft = service.draft_of(stored(sheet.id))
    assert (draft.chips, draft.comment, stored(sheet.id).rating) == (("calm",), "Look up more often.", 3)
    page = browser.get(f"/sheets/{sheet.id}").text
    browser.post(f"/sheets/{sheet.id}/marks", data={**form_to(page, f"/sheets/{sheet.id}"), "changed": "chips"})
    assert service.draft_of(stored(sheet.id)).chips == ()


@pytest.mark.parametrize(
    ("name", "value"), [("S01-01", "splendid"), ("rating", "many"), ("rating", "9"), ("S01-01", "not_applicable")]
)
def test_a_choice_that_the_page_does_not_have_is_refused(as_, lab, name, value):
    sheet, browser = lab.open(), as_(lab.instructor)
    page = browser.get(f"/sheets/{sheet.id}").text
    sent = {**form_to(page, f"/sheets/{sheet.id}"), "changed": name, name: value}
    assert browser.post(f"/sheets/{sheet.id}/marks", data=sent).status_code == 409
    assert service.marks_of(sheet.id) == {}


def whole(browser, sheet_id: int, page: str, **typed: str):
    marks = {f"S01-0{n}": "independent" for n in (1, 2, 3)}
    sent = {**form_to(page, f"/sheets/{sheet_id}"), **marks, "rating": "4", "comment": "", "S01-02-why": "", **typed}
    return browser.post(f"/sheets/{sheet_id}", data=sent)


def test_without_javascript_the_whole_sheet_is_saved_and_leads_to_the_signature(as_, lab):
    sheet, browser = lab.open(), as_(lab.instructor)
    answer = whole(browser, sheet.id, browser.get(f"/sheets/{sheet.id}").text, next="sign")
    assert answer.location == f"/sheets/{sheet.id}/sign"
    assert len(service.marks_of(sheet.id)) == 3


def test_r33_the_second_of_two_sessions_sees_both_and_overwrites_nothing(as_, lab):
    sheet, one, two = lab.open(), as_(lab.instructor), as_(lab.instructor)
    page = one.get(f"/sheets/{sheet.id}").text
    taps(two, sheet.id, S01_01="not_yet")
    answer = whole(one, sheet.id, page)
    assert answer.status_code == 409
    assert '<th scope="row">1. Does step 1</th>' in answer.text
    assert re.search(r"<td>Not yet</td>\s*<td>On their own</td>", answer.text)
    assert service.marks_of(sheet.id) == {"S01-01": Mark.NOT_YET}


def test_r33_a_page_that_has_not_seen_another_change_does_not_catch_up_unseen(as_, lab):
    sheet, one, two = lab.open(), as_(lab.instructor), as_(lab.instructor)
    page = one.get(f"/sheets/{sheet.id}").text
    taps(two, sheet.id, S01_01="not_yet")
    sent = {**form_to(page, f"/sheets/{sheet.id}"), "changed": "S01-03", "S01-03": "prompted"}
    assert "fields" not in one.post(f"/sheets/{sheet.id}/marks", data=sent).json


# ---- signing
def test_an_incomplete_sheet_goes_back_to_its_marks_with_what_is_missing(as_, lab):
    sheet, browser = lab.open(), as_(lab.instructor)
    taps(browser, sheet.id, S01_01="independent")
    page = browser.get(f"/sheets/{sheet.id}/sign")
    assert page.status_code == 422
    assert "Mark these steps: 2, 3." in page.text
    assert "Give the overall rating." in page.text


def test_the_page_shows_the_snapshot_the_verdict_and_the_sentence(as_, lab):
    sheet = lab.marked(S01_02=Mark.NOT_APPLICABLE)
    page = as_(lab.instructor).get(f"/sheets/{sheet.id}/sign").text
    for words in (
        "Demonstrated in school lab under supervision",
        "Maya Torres",
        "Not needed today.",
        "I observed this student in person, and these marks are my own judgment.",
        "You sign as Dana Reyes.",
        'value="Room B"',
    ):
        assert words in page


def test_signing_twice_gives_one_effect_and_the_same_answer(as_, lab):
    sheet, browser = lab.marked(), as_(lab.instructor)
    form = signature(browser.get(f"/sheets/{sheet.id}/sign").text)
    first, again = (browser.post(f"/sheets/{sheet.id}/sign", data=form) for _ in range(2))
    assert (first.status_code, first.location) == (again.status_code, again.location) == (303, f"/sheets/{sheet.id}")
    assert stored(sheet.id).verdict == "demonstrated"
    assert ledger.verify_all().size == 1


def test_r7_a_wrong_password_signs_nothing_and_keeps_what_was_typed(as_, lab):
    sheet, browser = lab.marked(), as_(lab.instructor)
    answer = signs(browser, sheet.id, password="not my password", place="Room 7")
    assert answer.status_code == 422
    assert "This password is not right." in answer.text
    assert 'value="Room 7"' in answer.text
    assert "not my password" not in answer.text
    assert stored(sheet.id).signed_at is None


def test_r7_who_has_a_second_factor_types_its_code(as_, lab, time):
    secret = pyotp.random_base32()
    with db.write():
        db.locked(User, lab.instructor.id).totp_secret = secret
    sheet, browser = lab.marked(), as_(lab.instructor)
    assert signs(browser, sheet.id).status_code == 422
    wrong = signs(browser, sheet.id, code="000000")
    assert "This password or code is not right." in wrong.text
    assert stored(sheet.id).signed_at is None
    assert signs(browser, sheet.id, code=pyotp.TOTP(secret).at(time.now)).status_code == 303
    assert stored(sheet.id).signed_at is not None


def test_r3_added_fields_change_neither_verdict_nor_rating_nor_signer(as_, lab):
    sheet, browser = lab.marked(rating=2), as_(lab.instructor)
    extra = {"verdict": "demonstrated", "rating": "5", "signed_by": "1", "examiner_id": "1", "points": "99"}
    assert signs(browser, sheet.id, **extra).status_code == 303
    signed = stored(sheet.id)
    assert (signed.verdict, signed.rating, signed.points) == ("not_yet", 2, 4)
    assert signed.examiner_id == lab.instructor.id


def test_r3_a_tap_changes_marks_words_and_rating_alone(as_, lab):
    sheet, browser = lab.open(), as_(lab.instructor)
    page = browser.get(f"/sheets/{sheet.id}").text
    extra = {"verdict": "demonstrated", "signed_at": "2026-11-24", "points": "9", "enrolment_id": "1", "number": "7"}
    sent = {**form_to(page, f"/sheets/{sheet.id}"), "changed": "S01-01", "S01-01": "prompted", **extra}
    assert browser.post(f"/sheets/{sheet.id}/marks", data=sent).status_code == 200
    kept = stored(sheet.id)
    assert (kept.verdict, kept.signed_at, kept.points, kept.number) == (None, None, None, 1)


def test_r33_a_sheet_changed_since_the_page_was_shown_is_shown_again_unsigned(as_, lab):
    sheet, browser = lab.marked(), as_(lab.instructor)
    form = signature(browser.get(f"/sheets/{sheet.id}/sign").text)
    service.mark(sheet.id, "S01-01", Mark.PROMPTED, by=lab.instructor.id)
    answer = browser.post(f"/sheets/{sheet.id}/sign", data=form)
    assert answer.status_code == 409
    assert "changed after you opened this page" in answer.text
    assert "1 prompted" in answer.text
    assert stored(sheet.id).signed_at is None
    assert browser.post(f"/sheets/{sheet.id}/sign", data=signature(answer.text)).status_code == 303
    assert stored(sheet.id).verdict == "not_yet"


def test_an_examiner_unassigned_while_the_page_was_open_signs_nothing(as_, lab):
    sheet, browser = lab.marked(), as_(lab.instructor)
    form = signature(browser.get(f"/sheets/{sheet.id}/sign").text)
    with db.write():
        db.session.delete(db.session.get(CohortInstructor, (lab.cohort.id, lab.instructor.id)))
    assert browser.post(f"/sheets/{sheet.id}/sign", data=form).status_code == 404
    assert stored(sheet.id).signed_at is None


def test_an_expired_credential_is_said_on_the_signing_page_and_signs_nothing(as_, lab):
    sheet, browser = lab.marked(), as_(lab.instructor)
    form = signature(browser.get(f"/sheets/{sheet.id}/sign").text)
    with db.write():
        db.session.scalars(sa.select(StaffCredential)).one().expires_on = factories.today() - timedelta(days=2)
    answer = browser.post(f"/sheets/{sheet.id}/sign", data=form)
    assert answer.status_code == 409
    assert "no valid credential for this skill today" in answer.text
    assert stored(sheet.id).signed_at is None


def test_a_time_in_the_future_is_refused(as_, lab):
    sheet, browser = lab.marked(), as_(lab.instructor)
    answer = signs(browser, sheet.id, observed="2199-01-01T10:00")
    assert answer.status_code == 422
    assert "is in the future" in answer.text


def test_no_password_is_kept_anywhere(as_, lab):
    sheet, browser = lab.marked(), as_(lab.instructor)
    signs(browser, sheet.id)
    text = " ".join(
        str(row)
        for table in sa.inspect(db.engine).get_table_names()
        for row in db.session.execute(sa.text(f'SELECT * FROM "{table}"'))
    )
    assert PASSWORD not in text


# ---- correcting, discarding, taking away
def test_a_correction_strikes_the_old_sheet_through(as_, lab):
    sheet, browser = lab.signed(), as_(lab.instructor)
    page = browser.get(f"/sheets/{sheet.id}").text
    form = form_to(page, f"/sheets/{sheet.id}/amend")
    assert browser.post(f"/sheets/{sheet.id}/amend", data={**form, "why": ""}).status_code == 422
    answer = browser.post(f"/sheets/{sheet.id}/amend", data={**form, "why": "Step 3 was prompted."})
    new_id = int(answer.location.rsplit("/", 1)[1])
    assert "Step 3 was prompted." in browser.get(answer.location).text
    taps(browser, new_id, S01_03="prompted")
    taps(browser, new_id, rating="3")
    assert signs(browser, new_id).status_code == 303
    old = as_(lab.student).get(f"/sheets/{sheet.id}").text
    assert "<del>" in old
    assert "Corrected by a later sheet" in old
    assert f'href="/sheets/{new_id}"' in old
    assert f"/sheets/{sheet.id}/answer" not in old


def test_an_unsigned_sheet_is_discarded_by_its_button(as_, lab):
    sheet, browser = lab.open(), as_(lab.instructor)
    form = form_to(browser.get(f"/sheets/{sheet.id}").text, f"/sheets/{sheet.id}/discard")
    assert browser.post(f"/sheets/{sheet.id}/discard", data=form).location == f"/cohorts/{lab.cohort.id}/skills"
    assert count(Sheet) == 0


def test_another_instructor_reads_an_open_sheet_and_cannot_mark_it(as_, lab):
    sheet, other = lab.open(), factories.user(Role.INSTRUCTOR)
    factories.add(CohortInstructor(cohort_id=lab.cohort.id, user_id=other.id))
    page = as_(other).get(f"/sheets/{sheet.id}").text
    assert "Only they can mark and sign it." in page
    assert "data-grade" not in page


def test_the_sealed_record_verifies_with_the_published_keys(as_, lab):
    sheet = lab.signed()
    answer = as_(lab.student).get(f"/sheets/{sheet.id}/record.json")
    assert holds(verify_record(answer.json, {key.id: key for key in ledger.public_keys()}))


def test_an_unsigned_sheet_has_neither_paper_nor_record(as_, lab):
    sheet, browser = lab.open(), as_(lab.instructor)
    for path in (".pdf", "/record.json"):
        assert browser.get(f"/sheets/{sheet.id}{path}").status_code == 404


def test_a_scanned_address_in_capitals_leads_to_the_sheet(as_, lab):
    sheet = lab.signed()
    assert as_(lab.student).get(f"/SHEETS/{sheet.id}").location == f"/sheets/{sheet.id}"
