from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lms.access import Role
from lms.accounts import service as accounts
from lms.accounts.models import AccessToken, User
from lms.audit import AuditEvent
from lms.cohorts import roll, rules, service
from lms.cohorts.rules import CohortState, EnrolmentState, MoveReason
from lms.db import db
from lms.errors import Conflict, NotAllowed, NotFound, RuleBroken
from lms.ledger import service as ledger
from lms.school import service as school
from tests import factories


@pytest.fixture
def admin(app):
    return factories.user(Role.ADMIN)


def draft(admin, **changes):
    values = {
        "name": "Spring",
        "course_version_id": factories.course_version().id,
        "starts_on": date(2027, 1, 5),
        "ends_on": date(2027, 4, 1),
        "room": "2",
        "instructors": [],
        "by": admin.id,
    }
    return service.create(**(values | changes))


def test_enrolment_opens_only_with_an_approval_reference(admin):
    cohort = draft(admin)
    school.update_school({"approval_reference": ""}, version=1, by=admin.id)
    with pytest.raises(RuleBroken, match="no approval or exemption reference"):
        service.move_cohort(cohort.id, CohortState.OPEN, by=admin.id)
    school.update_school({"approval_reference": "BPPE 1234"}, version=2, by=admin.id)
    service.move_cohort(cohort.id, CohortState.OPEN, by=admin.id)
    assert service.get(cohort.id, for_=admin).state is CohortState.OPEN


def test_a_draft_cohort_takes_nobody(admin):
    with pytest.raises(RuleBroken, match="takes nobody"):
        service.enrol(draft(admin).id, factories.user().id, by=admin.id)


def test_a_person_is_enrolled_once(admin):
    cohort, student = factories.cohort(), factories.user()
    service.enrol(cohort.id, student.id, by=admin.id)
    with pytest.raises(RuleBroken, match="already in the cohort"):
        service.enrol(cohort.id, student.id, by=admin.id)


def test_enrolling_somebody_new_invites_them(admin):
    row = service.enrol_new(
        factories.cohort().id, legal_name="Ana María Ruiz", email="ana@school.example", locale="es", by=admin.id
    )
    assert db.session.scalars(select(AccessToken.user_id)).all() == [row.user_id]


def test_only_active_instructors_are_assigned(admin):
    with pytest.raises(RuleBroken, match="Only an active instructor"):
        draft(admin, instructors=[factories.user(Role.STUDENT).id])


def test_the_second_of_two_editors_is_told(admin):
    cohort = draft(admin)
    values = {"starts_on": cohort.starts_on, "ends_on": cohort.ends_on, "room": "", "instructors": [], "by": admin.id}
    service.change(cohort.id, name="First", version=1, **values)
    with pytest.raises(Conflict) as told:
        service.change(cohort.id, name="Second", version=1, **values)
    assert told.value.current["name"] == "First"


def test_the_reason_of_a_move_is_a_code_and_never_words(admin):
    row = factories.enrolment(factories.cohort())
    service.move(row.id, EnrolmentState.LEAVE, by=admin.id, reason=MoveReason.ASKED)
    noted = db.session.scalars(select(AuditEvent).filter_by(action="enrolment.leave")).one()
    assert noted.detail == {"old": "active", "reason": "asked"}
    assert [event.id for event in service.history(row.id)] == [noted.id]


@pytest.mark.parametrize("changed", [{"active": False}, {"role": Role.INSTRUCTOR}])
def test_who_is_no_admin_any_more_changes_no_cohort_and_enrols_nobody(admin, changed):
    cohort, student = factories.cohort(), factories.user()
    row = factories.enrolment(cohort)
    with db.write():
        for name, value in changed.items():
            setattr(db.session.get_one(User, admin.id), name, value)
    dates = {"starts_on": cohort.starts_on, "ends_on": cohort.ends_on, "room": "", "instructors": [], "by": admin.id}
    new = {"legal_name": "Ana", "email": None, "locale": None, "by": admin.id}
    for act in (
        lambda: draft(admin),
        lambda: service.change(cohort.id, name="Other", version=1, **dates),
        lambda: service.move_cohort(cohort.id, CohortState.CLOSED, by=admin.id),
        lambda: service.enrol(cohort.id, student.id, by=admin.id),
        lambda: service.enrol_new(cohort.id, **new),
        lambda: service.move(row.id, EnrolmentState.LEAVE, by=admin.id),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_instructor_sees_only_assigned_cohorts(app):
    mine, other = factories.user(Role.INSTRUCTOR), factories.cohort()
    own = factories.cohort(mine)
    assert service.get(own.id, for_=mine)
    with pytest.raises(NotFound):
        service.get(other.id, for_=mine)
    with pytest.raises(NotFound):
        service.enrolment(factories.enrolment(other).id, for_=mine)


def test_a_student_signs_each_statement_once_and_it_is_sealed(app):
    factories.statements()
    row = factories.enrolment(factories.cohort())
    first = service.statements_to_sign(row)[0]
    service.sign_statement(row.id, first.id, language="en", by=row.user_id)
    assert len(service.statements_to_sign(row)) == 2
    with pytest.raises(RuleBroken, match="signed this already"):
        service.sign_statement(row.id, first.id, language="en", by=row.user_id)
    assert ledger.verify_all().holds


def test_the_roll_says_of_each_what_the_enrolment_and_its_person_say(app):
    of = factories.cohort()
    zoe, ana = (factories.enrolment(of, factories.user(legal_name=name)) for name in ("Zoë", "Ana"))
    factories.enrolment(factories.cohort())
    rows = [roll.of(one, accounts.person(one.user_id)) for one in (ana, zoe)]
    assert roll.enrolled_in([of.id]) == roll.enrolled([zoe.id, ana.id]) == rows
    assert [row.name for row in rows] == ["Ana", "Zoë"]


def test_nobody_signs_for_another(app):
    factories.statements()
    row = factories.enrolment(factories.cohort())
    first = service.statements_to_sign(row)[0]
    with pytest.raises(NotFound):
        service.sign_statement(row.id, first.id, language="en", by=factories.user().id)


@given(st.lists(st.sampled_from(list(EnrolmentState)), max_size=8))
def test_awarded_and_withdrawn_are_ends(moves):
    state = EnrolmentState.ACTIVE
    for wanted in moves:
        if rules.may_move(state, wanted):
            assert state not in (EnrolmentState.AWARDED, EnrolmentState.WITHDRAWN)
            state = wanted
