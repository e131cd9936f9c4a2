"""R7, R8: who signs, what is frozen and sealed, and the student's answer."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lms import clock
from lms.access import Role
from lms.accounts.models import StaffCredential, User
from lms.cohorts.models import CohortInstructor, Enrolment
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.errors import Conflict, NotFound, RuleBroken
from lms.ledger import service as ledger
from lms.ledger.models import LedgerEntry
from lms.ledger.record import holds, verify_record
from lms.practicals import service
from lms.practicals.models import Countersignature, Sheet, SheetWords, StepMark
from lms.practicals.rules import Changes, Mark, Proof
from tests import factories
from tests.practicals.factories import lab as another_lab


def entry_of(sheet) -> dict:
    return json.loads(db.session.get(LedgerEntry, sheet.entry_seq).text)["body"]


def refused(lab, sheet, match, **changes):
    with pytest.raises(RuleBroken, match=match):
        lab.sign(sheet, **changes)
    assert db.session.get(Sheet, sheet.id, populate_existing=True).signed_at is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry)) == 0


# ---- what is signed
def test_the_rules_give_the_verdict_and_the_row_is_complete(lab, time):
    sheet = lab.signed()
    assert (sheet.verdict, sheet.points, sheet.points_possible) == ("demonstrated", 4, 4)
    assert (sheet.signed_at, sheet.statement) == (time.now, "observed")
    assert lab.signed("S02", S02_01=Mark.PROMPTED).verdict == "not_yet"


def test_the_entry_holds_the_whole_snapshot(lab):
    sheet = lab.signed(S01_02=Mark.NOT_APPLICABLE)
    body = entry_of(sheet)
    statement, received = body["statement"], body["received"]
    assert statement["skill"] == {"id": "S01", "hash": lab.skill.hash}
    assert statement["marks"] == {"S01-01": "independent", "S01-02": "not_applicable", "S01-03": "independent"}
    assert statement["outcome"] == received["outcome"]
    assert statement["outcome"]["verdict"] == "demonstrated"
    assert statement["meaning"]["text"].startswith("I observed this student in person")
    assert statement["meaning"]["language"] == "en"
    assert (statement["enrolment"], statement["number"], statement["amends"]) == (lab.enrolment.id, 1, None)
    assert statement["subject"] == {"user": lab.student.id}
    assert (received["signer"]["id"], received["signer"]["credential"]) == (lab.instructor.id, "PT")
    assert received["auth"]["method"] == "password"


def test_names_and_words_are_values_behind_commitments(lab):
    sheet = lab.signed(S01_02=Mark.NOT_APPLICABLE)
    text = db.session.get(LedgerEntry, sheet.entry_seq).text
    for words in ("Maya", "Dana", "Warm hands", "Not needed", "Room B"):
        assert words not in text
    values = ledger.values(sheet.entry_seq)
    assert (values["student"], values["examiner"]) == ("Maya Torres", "Dana Reyes")
    assert (values["comment"], values["place"], values["chips"]) == ("Warm hands.", "Room B", "calm")
    assert values["reason S01-02"] == "Not needed today."
    assert db.session.get(SheetWords, sheet.id) is None
    assert service.draft_of(sheet).comment == "Warm hands."


def test_a_reason_for_a_step_that_applies_after_all_is_not_sealed(lab):
    sheet = lab.marked(S01_02=Mark.NOT_APPLICABLE)
    service.mark(sheet.id, "S01-02", Mark.INDEPENDENT, by=lab.instructor.id, reason="Not needed today.")
    assert "reason S01-02" not in ledger.values(lab.sign(sheet).entry_seq)


def test_the_chain_and_the_handed_out_record_hold(lab):
    sheet = lab.signed()
    service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
    assert ledger.verify_all().holds
    keys = {key.id: key for key in ledger.public_keys()}
    assert holds(verify_record(ledger.record(sheet.entry_seq), keys))


def test_erased_words_leave_the_chain_holding_and_the_sheet_readable(lab):
    sheet = lab.signed()
    ledger.erase(sheet.entry_seq, ["comment", "student", "place", "chips"])
    assert ledger.verify_all().holds
    assert service.draft_of(sheet).comment == ""


# ---- who may sign (R7)
def test_r7_a_proof_must_be_of_that_moment(lab):
    sheet, now = lab.marked(), clock.now()
    refused(lab, sheet, "Type your password again", proof=Proof("password", now - timedelta(minutes=3)))
    refused(lab, sheet, "Type your password again", proof=Proof("password", now + timedelta(minutes=3)))


def test_r7_an_examiner_unassigned_a_second_before_does_not_sign(lab):
    sheet = lab.marked()
    with db.write():
        db.session.delete(db.session.get(CohortInstructor, (lab.cohort.id, lab.instructor.id)))
    with pytest.raises(NotFound):
        lab.sign(sheet)


def test_r7_an_examiner_whose_account_was_switched_off_does_not_sign(lab):
    sheet = lab.marked()
    with db.write():
        db.locked(User, lab.instructor.id).active = False
    with pytest.raises(NotFound):
        lab.sign(sheet)


def test_r7_a_student_does_not_sign(lab):
    sheet = lab.marked()
    with pytest.raises(NotFound):
        lab.sign(sheet, by=lab.student.id)


def test_r7_nobody_signs_their_own_sheet(lab):
    sheet = lab.marked()
    with db.write():
        db.locked(Enrolment, lab.enrolment.id).user_id = lab.instructor.id
    refused(lab, sheet, "own sheet")


def test_r7_an_expired_credential_blocks_signing(lab):
    sheet = lab.marked()
    with db.write():
        for held in db.session.scalars(sa.select(StaffCredential)):
            held.expires_on = factories.today() - timedelta(days=2)
    refused(lab, sheet, "no valid credential for this skill today")


def test_another_examiner_does_not_sign_the_sheet(lab):
    sheet, other = lab.marked(), factories.user(Role.INSTRUCTOR)
    factories.credential(other)
    factories.add(CohortInstructor(cohort_id=lab.cohort.id, user_id=other.id))
    refused(lab, sheet, "Another examiner", by=other.id)


def test_nothing_is_signed_for_an_enrolment_that_ended(lab):
    sheet = lab.marked()
    with db.write():
        db.locked(Enrolment, lab.enrolment.id).state = EnrolmentState.WITHDRAWN
    refused(lab, sheet, "not active")


# ---- what may be signed
def test_open_steps_are_named_by_their_numbers(lab):
    sheet = lab.open()
    service.mark(sheet.id, "S01-02", Mark.INDEPENDENT, by=lab.instructor.id)
    service.rate(sheet.id, 4, by=lab.instructor.id)
    refused(lab, sheet, "Mark these steps: 1, 3")


def test_a_step_that_does_not_apply_needs_a_reason(lab):
    sheet = lab.marked()
    service.mark(sheet.id, "S01-02", Mark.NOT_APPLICABLE, by=lab.instructor.id)
    refused(lab, sheet, "Say why these steps do not apply: 2")


def test_the_overall_rating_is_asked_and_the_lowest_is_explained(lab):
    sheet = lab.open()
    marks = {step.id: Mark.INDEPENDENT for step in lab.skill.steps}
    service.save(sheet.id, Changes(marks=marks), by=lab.instructor.id)
    refused(lab, sheet, "Give the overall rating")
    service.rate(sheet.id, 1, by=lab.instructor.id)
    refused(lab, sheet, "what was unsafe")


def test_watching_lies_neither_in_the_future_nor_before_the_enrolment(lab):
    sheet, now = lab.marked(), clock.now()
    refused(lab, sheet, "future", observed_at=now + timedelta(minutes=1))
    refused(lab, sheet, "not enrolled yet", observed_at=now - timedelta(days=3))


def test_r33_a_sheet_that_changed_since_it_was_shown_is_not_signed(lab):
    sheet = lab.marked()
    shown = sheet.version
    service.mark(sheet.id, "S01-01", Mark.PROMPTED, by=lab.instructor.id)
    with pytest.raises(Conflict):
        lab.sign(sheet, version=shown)
    assert db.session.get(Sheet, sheet.id, populate_existing=True).signed_at is None


def test_signing_twice_has_one_effect(lab):
    sheet = lab.signed()
    with pytest.raises(RuleBroken, match="is signed"):
        lab.sign(sheet)
    assert ledger.verify_all().size == 1


def test_a_clock_that_went_back_signs_nothing_and_leaves_the_sheet_open(lab, time):
    lab.signed()
    sheet = lab.marked("S02")
    time.forward(hours=-1)
    with pytest.raises(RuleBroken, match="clock is behind"):
        lab.sign(sheet)
    assert db.session.get(Sheet, sheet.id, populate_existing=True).signed_at is None
    assert service.draft_of(sheet).comment == "Warm hands."


# ---- what is frozen (R8)
def tampered(sql: str, **values: object) -> None:
    db.session.rollback()
    with pytest.raises(DBAPIError, match="may not change"), db.engine.begin() as connection:
        connection.execute(sa.text(sql), values)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE sheet SET verdict = 'not_yet' WHERE id = :id",
        "UPDATE sheet SET signed_at = NULL WHERE id = :id",
        "DELETE FROM sheet WHERE id = :id",
        "UPDATE step_mark SET mark = 'not_yet' WHERE sheet_id = :id",
        "DELETE FROM step_mark WHERE sheet_id = :id",
        "INSERT INTO step_mark (sheet_id, step_id, mark, saved_at) VALUES (:id, 'S01-09', 'independent', '2026-01-01')",
    ],
)
def test_r8_a_signed_sheet_and_its_marks_do_not_change_through_sql(lab, sql):
    tampered(sql, id=lab.signed().id)


def test_r8_a_mark_is_not_moved_to_a_signed_sheet(lab):
    signed, draft = lab.signed(), lab.open("S02")
    service.mark(draft.id, "S02-01", Mark.PROMPTED, by=lab.instructor.id)
    tampered("UPDATE step_mark SET sheet_id = :to WHERE sheet_id = :draft", to=signed.id, draft=draft.id)


def test_r8_an_answer_does_not_change(lab):
    sheet = lab.signed()
    service.answer(sheet.id, agreed=False, words="Not so.", by=lab.student.id)
    tampered("UPDATE countersignature SET agreed = :yes", yes=True)
    tampered("DELETE FROM countersignature")


def test_r8_no_row_is_replaced_or_truncated(lab):
    sheet = lab.signed()
    service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
    if db.engine.dialect.name == "sqlite":
        for table in ("sheet", "step_mark", "countersignature"):
            tampered(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        for table in ("step_mark", "countersignature", "sheet"):
            tampered(f"TRUNCATE {table} CASCADE")
    assert db.session.get(Sheet, sheet.id).verdict == "demonstrated"


def test_a_sheet_whose_entry_cannot_be_sealed_stays_open(lab, monkeypatch):
    sheet = lab.marked()
    monkeypatch.setattr(ledger, "append", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lab.sign(sheet)
    assert db.session.get(Sheet, sheet.id, populate_existing=True).signed_at is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StepMark)) == 3


# ---- corrections
def test_a_chain_of_three_corrections_names_each_old_hash(lab):
    sheets = [lab.signed()]
    for n in range(3):
        new = service.amend(sheets[-1].id, why=f"Reason {n}", by=lab.instructor.id)
        sheets.append(lab.sign(lab.mark(new)))
    for old, new in pairwise(sheets):
        old_hash = db.session.get(LedgerEntry, old.entry_seq).hash
        assert entry_of(new)["statement"]["amends"] == {"sheet": old.id, "entry": old.entry_seq, "hash": old_hash}
        assert ledger.values(new.entry_seq)["why"].startswith("Reason")
        assert entry_of(new)["statement"]["meaning"]["key"] == "corrected"
    assert ledger.verify_all().holds


# ---- the student's answer
def test_a_countersignature_is_sealed_and_changes_no_verdict(lab):
    sheet = lab.not_yet()
    row = service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
    body = entry_of(row)
    assert body["statement"]["type"] == "sheet.countersigned"
    assert body["statement"]["hash"] == db.session.get(LedgerEntry, sheet.entry_seq).hash
    assert db.session.get(Sheet, sheet.id, populate_existing=True).verdict == "not_yet"


def test_who_declines_says_why_and_the_words_are_sealed(lab):
    sheet = lab.signed()
    with pytest.raises(RuleBroken, match="own words"):
        service.answer(sheet.id, agreed=False, words="  ", by=lab.student.id)
    row = service.answer(sheet.id, agreed=False, words="It was not on Monday.", by=lab.student.id)
    assert ledger.values(row.entry_seq)["words"] == "It was not on Monday."
    assert entry_of(row)["statement"]["type"] == "sheet.declined"
    assert service.signed_skills([lab.enrolment.id])[lab.enrolment.id] == {"S01"}


def test_a_sheet_is_answered_once(lab):
    sheet = lab.signed()
    service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
    with pytest.raises(RuleBroken, match="answered this sheet already"):
        service.answer(sheet.id, agreed=False, words="No.", by=lab.student.id)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Countersignature)) == 1


def test_only_the_student_answers_and_only_a_signed_sheet_that_counts(lab):
    sheet = lab.marked()
    with pytest.raises(NotFound):
        service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
    sheet = lab.sign(sheet)
    for other in (lab.instructor, another_lab().student):
        with pytest.raises(NotFound):
            service.answer(sheet.id, agreed=True, words="", by=other.id)
    lab.sign(lab.mark(service.amend(sheet.id, why="x", by=lab.instructor.id)))
    with pytest.raises(RuleBroken, match="Answer the newer one"):
        service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
