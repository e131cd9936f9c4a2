"""What the course says beside its lessons, large figures and printed lessons, for each who may read them."""

import pytest

from lms.access import Role
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from tests import factories, synthetic


@pytest.fixture
def reader(app, as_):
    """A student who is enrolled."""
    return as_(db.session.get(factories.User, factories.enrolment(factories.cohort()).user_id))


@pytest.fixture
def office(app, as_):
    factories.course_version()
    return as_(factories.user(role=Role.INSTRUCTOR))


def test_a_popular_claim_stands_with_its_status_and_what_is_true(reader):
    page = reader.get("/course/evidence").text
    assert "“It breaks up knots.”" in page
    assert "Not supported" in page
    assert "what they are is debated" in page
    assert 'href="/learn/M01/m01-lesson-1/step-1"' in page


def test_scope_says_what_is_never_an_aides_and_how_old_that_is(reader):
    page = reader.get("/course/scope").text
    assert "Set up the room" in page
    assert "Evaluate" in page
    assert "As of November 23, 2026." in page
    assert "It does not license you." in page


def test_the_syllabus_counts_hours_by_kind(reader):
    page = reader.get("/course/syllabus").text
    assert "4 clock hours" in page
    assert "Supervised lab" in page


def test_the_syllabus_prints(reader):
    answer = reader.get("/course/syllabus.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")


def test_an_instructor_reads_the_newest_course_without_being_enrolled(office):
    assert "Lesson 1 of M01" in office.get("/course").text
    assert "Step 2" in office.get("/print/M02").text


def test_the_coverage_names_what_teaches_and_tests_an_objective_and_marks_holes(office):
    page = office.get("/course/coverage").text
    assert "M01-Q02" in page
    assert "Hole" in page  # the made-up course tests no step of its second lesson, and teaches one objective nowhere


def test_a_student_does_not_see_the_coverage(reader):
    assert reader.get("/course/coverage").status_code == 403
    assert "/course/coverage" not in reader.get("/course").text


def test_who_is_not_signed_in_reads_nothing_of_it(as_, app):
    for url in ("/course", "/course/evidence", "/course/syllabus.pdf", "/print/M01", "/checklists"):
        assert as_().get(url).status_code == 303


def test_a_student_prints_a_lesson_that_is_open_and_no_other(reader):
    page = reader.get("/print/M01/m01-lesson-1").text
    assert "Step 1" in page
    assert "Step 2" in page
    assert reader.get("/print/M02").status_code == 409


def test_unreviewed_spanish_of_a_safety_lesson_is_printed_with_its_english(reader):
    page = reader.get("/print/M01/m01-lesson-1?words=es").text
    assert "Paso" not in page  # titles of the made-up course
    assert 'class="prose more" lang="en"' in page


def test_a_figure_opens_on_a_page_of_its_own_in_either_language(reader):
    assert "<title>Hands, en</title>" in reader.get("/learn/M01/m01-lesson-1/figures/hands").text
    assert "<title>Hands, es</title>" in reader.get("/learn/M01/m01-lesson-1/figures/hands?words=es").text
    assert reader.get("/learn/M01/m01-lesson-1/figures/feet").status_code == 404


def test_a_step_flips_to_the_other_language_and_stays_where_it_is(reader):
    there = "/learn/M01/m01-lesson-2/step-2"
    assert f'href="{there}?words=es"' in reader.get(there).text
    flipped = reader.get(f"{there}?words=es").text
    assert f'href="{there}?words=en"' in flipped
    assert f"{synthetic.WORDS} (es)" in flipped
    assert "Step 2 (es)" in flipped


def test_no_other_language_can_be_asked_for(reader):
    assert reader.get("/learn/M01/m01-lesson-2/step-2?words=xx").status_code == 200


READ = (
    "/course",
    "/course/evidence",
    "/course/scope",
    "/course/syllabus",
    "/course/syllabus.pdf",
    "/glossary",
    "/references",
    "/print/M01",
    "/print/M01/m01-lesson-1",
    "/learn/M01/m01-lesson-1/figures/hands",
    "/checklists",
    "/checklists/S01",
    "/checklists/S01.pdf",
)


@pytest.mark.parametrize("state", ["never enrolled", EnrolmentState.WITHDRAWN])
def test_a_student_without_a_place_reads_nothing_of_a_course(app, as_, state):
    student = factories.user()
    factories.enrolment(factories.cohort(), student, state=state) if isinstance(
        state, EnrolmentState
    ) else factories.cohort()
    browser = as_(student)
    assert {url: browser.get(url).status_code for url in READ} == dict.fromkeys(READ, 404)
