from datetime import timedelta

import pytest

from lms import clock
from lms.access import Role
from lms.courses.models import ActivityBeat
from tests import factories


@pytest.mark.parametrize("easy", [False, True], ids=["plain", "easier reading"])
def test_recorded_reading_is_told_to_the_student_and_offered_to_the_instructor(app, as_, easy: bool):
    teacher, student = (factories.user(role, easy_reading=easy) for role in (Role.INSTRUCTOR, Role.STUDENT))
    row = factories.enrolment(factories.cohort(teacher), student)
    before = clock.now() - timedelta(days=2)
    for minute in range(20):
        at = before + timedelta(minutes=minute)
        factories.add(ActivityBeat(enrolment_id=row.id, module_id="M01", lesson_id="m01-lesson-1", at=at))
    assert "h of your reading are recorded" in as_(student).get("/hours").text
    assert "h of recorded reading are not proposed yet" in as_(teacher).get(f"/enrolments/{row.id}/hours").text
