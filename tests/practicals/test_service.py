"""Opening, marking, correcting and discarding sheets, and what counts of them."""

import pytest
from sqlalchemy import func, select

from lms.access import Role
from lms.cohorts.models import CohortInstructor
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.errors import Conflict, NotFound, RuleBroken
from lms.practicals import service
from lms.practicals.models import Sheet, SheetWords, StepMark
from lms.practicals.rules import Changes, Mark, State
from lms.school import service as school
from tests import factories
from tests.practicals.factories import Lab
from tests.practicals.factories import lab as another_lab


def states(lab: Lab) -> list[State]:
    return [one.state for one in service.standing(lab.enrolment)]


def unassign(lab: Lab) -> None:
    with db.write():
        db.session.delete(db.session.get(CohortInstructor, (lab.cohort.id, lab.instructor.id)))


# ---- opening
def test_a_new_sheet_is_blank(lab):
    sheet = lab.open()
    assert (sheet.number, sheet.revision, sheet.rating, sheet.signed_at) == (1, 0, None, None)
    assert service.marks_of(sheet.id) == {}
    assert sheet.skill_hash == lab.skill.hash


def test_opening_again_gives_the_open_sheet(lab):
    assert lab.open().id == lab.open().id
    assert db.session.scalar(select(func.count()).select_from(Sheet)) == 1


def test_a_skill_waits_for_the_quiz_of_its_module(app):
    lab = another_lab()
    fresh = factories.enrolment(lab.cohort)
    with pytest.raises(RuleBroken, match="Opens when the quiz is passed: Module 1"):
        service.open_sheet(fresh.id, "S01", by=lab.instructor.id)


def test_a_skill_waits_for_the_skill_before_it(lab):
    with pytest.raises(RuleBroken, match="Opens when this is signed: Skill 1"):
        lab.open("S02")
    lab.signed("S01")
    assert lab.open("S02").skill_id == "S02"


def test_a_signed_skill_is_not_opened_again(lab):
    lab.signed()
    with pytest.raises(RuleBroken, match="signed already"):
        lab.open()


def test_after_the_last_try_the_school_decides(lab):
    school.set_policy("skill_tries", 2, effective_from=school.today(), source="test", by=None)
    assert lab.not_yet().number == 1
    assert lab.not_yet().number == 2
    with pytest.raises(RuleBroken, match="All 2 tries are used"):
        lab.open()


def test_a_course_without_the_skill_has_no_sheet_for_it(lab):
    with pytest.raises(NotFound):
        lab.open("S99")


def test_an_instructor_of_another_cohort_opens_nothing(lab):
    with pytest.raises(NotFound):
        service.open_sheet(lab.enrolment.id, "S01", by=another_lab().instructor.id)


@pytest.mark.parametrize("state", [EnrolmentState.LEAVE, EnrolmentState.WITHDRAWN, EnrolmentState.AWARDED])
def test_an_enrolment_that_is_not_active_gets_no_sheet(lab, state):
    with db.write():
        db.locked(type(lab.enrolment), lab.enrolment.id).state = state
    with pytest.raises(RuleBroken, match="not active"):
        lab.open()


def test_nobody_opens_their_own_sheet(lab):
    own = factories.enrolment(lab.cohort, lab.instructor)
    with pytest.raises(RuleBroken, match="own sheet"):
        service.open_sheet(own.id, "S01", by=lab.instructor.id)


def test_who_could_not_sign_does_not_open(lab):
    massage = factories.user(Role.INSTRUCTOR)
    factories.add(CohortInstructor(cohort_id=lab.cohort.id, user_id=massage.id))
    factories.credential(massage, "CMT")
    with pytest.raises(RuleBroken, match=r"no valid credential for this skill today \(PT, PTA\)"):
        service.open_sheet(lab.enrolment.id, "S01", by=massage.id)


# ---- marking
def test_a_mark_can_be_changed_until_signing(lab):
    sheet = lab.open()
    service.mark(sheet.id, "S01-01", Mark.PROMPTED, by=lab.instructor.id)
    service.mark(sheet.id, "S01-01", Mark.INDEPENDENT, by=lab.instructor.id)
    assert service.marks_of(sheet.id) == {"S01-01": Mark.INDEPENDENT}


def test_saving_the_same_mark_again_changes_nothing(lab):
    sheet = lab.open()
    first = service.mark(sheet.id, "S01-01", Mark.PROMPTED, by=lab.instructor.id).version
    assert service.mark(sheet.id, "S01-01", Mark.PROMPTED, by=lab.instructor.id).version == first


def test_only_a_step_that_may_be_left_out_does_not_apply(lab):
    sheet = lab.open()
    service.mark(sheet.id, "S01-02", Mark.NOT_APPLICABLE, by=lab.instructor.id, reason="No linen today.")
    with pytest.raises(RuleBroken, match="Step 1 always applies"):
        service.mark(sheet.id, "S01-01", Mark.NOT_APPLICABLE, by=lab.instructor.id)


@pytest.mark.parametrize(
    "changes",
    [
        Changes(marks={"S99-01": Mark.PROMPTED}),
        Changes(reasons={"S99-01": "x"}),
        Changes(chips=("nothing",)),
        Changes(rating=6),
    ],
)
def test_what_the_checklist_does_not_have_is_refused(lab, changes):
    with pytest.raises(RuleBroken):
        service.save(lab.open().id, changes, by=lab.instructor.id)


def test_another_examiner_does_not_mark_an_open_sheet(lab):
    other = factories.user(Role.INSTRUCTOR)
    factories.add(CohortInstructor(cohort_id=lab.cohort.id, user_id=other.id))
    with pytest.raises(RuleBroken, match="Another examiner"):
        service.mark(lab.open().id, "S01-01", Mark.PROMPTED, by=other.id)


def test_an_examiner_who_is_no_longer_assigned_marks_nothing(lab):
    sheet = lab.open()
    unassign(lab)
    with pytest.raises(NotFound):
        service.mark(sheet.id, "S01-01", Mark.PROMPTED, by=lab.instructor.id)


def test_r33_a_whole_form_over_an_older_sheet_is_a_conflict_and_changes_nothing(lab):
    sheet = lab.open()
    seen = sheet.version
    service.mark(sheet.id, "S01-01", Mark.PROMPTED, by=lab.instructor.id)
    with pytest.raises(Conflict) as conflict:
        service.save(sheet.id, Changes(marks={"S01-01": Mark.INDEPENDENT}), by=lab.instructor.id, version=seen)
    assert conflict.value.current == {"S01-01": "prompted"}
    assert service.marks_of(sheet.id) == {"S01-01": Mark.PROMPTED}


def test_an_older_form_that_says_the_same_is_no_conflict(lab):
    sheet = lab.open()
    seen = sheet.version
    service.mark(sheet.id, "S01-01", Mark.PROMPTED, by=lab.instructor.id)
    service.save(sheet.id, Changes(marks={"S01-01": Mark.PROMPTED}), by=lab.instructor.id, version=seen)


# ---- discarding
def test_an_unsigned_sheet_can_be_thrown_away_and_its_number_is_free(lab):
    sheet = lab.marked()
    service.discard(sheet.id, by=lab.instructor.id)
    for table in (Sheet, StepMark, SheetWords):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    assert lab.open().number == 1


def test_a_signed_sheet_cannot_be_thrown_away(lab):
    sheet = lab.signed()
    with pytest.raises(RuleBroken):
        service.discard(sheet.id, by=lab.instructor.id)


def test_somebody_elses_cohort_is_not_discarded_from(lab):
    with pytest.raises(NotFound):
        service.discard(lab.open().id, by=another_lab().instructor.id)


# ---- what counts
def test_a_student_sees_where_each_skill_stands(lab):
    assert states(lab) == [State.NONE, State.LOCK]
    sheet = lab.signed()
    assert states(lab) == [State.HALF, State.NONE]
    service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
    assert states(lab) == [State.SIGNED, State.NONE]


def test_the_newest_signed_try_counts(lab):
    lab.not_yet()
    assert service.signed_skills([lab.enrolment.id]) == {lab.enrolment.id: set()}
    lab.open()
    assert states(lab)[0] is State.NOT_YET
    lab.signed()
    assert service.signed_skills([lab.enrolment.id]) == {lab.enrolment.id: {"S01"}}


def test_a_correction_counts_in_place_of_the_sheet_it_corrects(lab):
    first = lab.signed()
    new = service.amend(first.id, why="Step 3 was prompted, I forgot.", by=lab.instructor.id)
    assert service.signed_skills([lab.enrolment.id])[lab.enrolment.id] == {"S01"}
    lab.sign(lab.mark(new, S01_01=Mark.PROMPTED))
    assert service.signed_skills([lab.enrolment.id])[lab.enrolment.id] == set()
    assert service.corrected_by(first.id).id == new.id


def test_a_skill_was_shown_on_the_day_of_the_newest_sheet_that_shows_it(lab, time):
    first = lab.signed()
    shown = service.signed_on([lab.enrolment.id])[lab.enrolment.id]
    assert shown == {"S01": db.session.get_one(Sheet, first.id).signed_at}
    time.forward(days=1)
    new = lab.sign(lab.mark(service.amend(first.id, why="The place was wrong.", by=lab.instructor.id)))
    shown = service.signed_on([lab.enrolment.id])[lab.enrolment.id]
    assert shown == {"S01": db.session.get_one(Sheet, new.id).signed_at}
    assert {one.skill.id: one.shown_at for one in service.standing(lab.enrolment)} == shown | {"S02": None}


def test_a_correction_is_no_new_try(lab):
    first = lab.not_yet()
    new = lab.sign(lab.mark(service.amend(first.id, why="Wrong mark.", by=lab.instructor.id), rating=2))
    assert (new.number, new.revision) == (1, 1)
    assert service.standing(lab.enrolment)[0].opening.tries == 1


def test_a_late_correction_of_an_early_try_does_not_undo_a_later_one(lab):
    first = lab.not_yet()
    lab.signed()
    lab.sign(lab.mark(service.amend(first.id, why="Wrong mark.", by=lab.instructor.id), rating=2))
    assert service.signed_skills([lab.enrolment.id])[lab.enrolment.id] == {"S01"}


def test_a_correction_begins_with_the_marks_and_words_of_the_old_sheet_but_no_rating(lab):
    first = lab.signed(S01_02=Mark.NOT_APPLICABLE)
    new = service.amend(first.id, why="Wrong mark.", by=lab.instructor.id)
    assert service.marks_of(new.id) == service.marks_of(first.id)
    draft = service.draft_of(new)
    assert (draft.comment, draft.place, draft.why) == ("Warm hands.", "Room B", "Wrong mark.")
    assert draft.reasons == {"S01-02": "Not needed today."}
    assert new.rating is None
    assert service.amend(first.id, why="Again.", by=lab.instructor.id).id == new.id


def test_only_the_newest_sheet_of_a_try_is_corrected_and_only_by_who_watched(lab):
    first = lab.signed()
    other = factories.user(Role.INSTRUCTOR)
    factories.add(CohortInstructor(cohort_id=lab.cohort.id, user_id=other.id))
    with pytest.raises(RuleBroken, match="who watched"):
        service.amend(first.id, why="x", by=other.id)
    lab.sign(lab.mark(service.amend(first.id, why="x", by=lab.instructor.id)))
    with pytest.raises(RuleBroken, match="corrected already"):
        service.amend(first.id, why="x", by=lab.instructor.id)


def test_an_open_sheet_of_the_skill_stands_in_the_way_of_a_correction(lab):
    first = lab.not_yet()
    lab.open()
    with pytest.raises(RuleBroken, match="Another sheet of this skill is open"):
        service.amend(first.id, why="x", by=lab.instructor.id)


# ---- who sees what
def test_a_student_sees_signed_sheets_of_their_own(lab):
    draft = lab.open()
    with pytest.raises(NotFound):
        service.get(draft.id, for_=lab.student)
    signed = lab.sign(lab.mark(draft))
    assert service.get(signed.id, for_=lab.student).id == signed.id
    with pytest.raises(NotFound):
        service.get(signed.id, for_=factories.user())


def test_the_office_reads_every_sheet_and_an_instructor_those_of_their_cohorts(lab):
    sheet = lab.open()
    for role in (Role.ADMIN, Role.AUDITOR):
        assert service.get(sheet.id, for_=factories.user(role)).id == sheet.id
    assert service.get(sheet.id, for_=lab.instructor).id == sheet.id
    with pytest.raises(NotFound):
        service.get(sheet.id, for_=another_lab().instructor)
