"""The course's checklists, to read and on paper."""

import pytest

from lms.access import Role
from lms.catalog import service as catalog
from lms.db import db
from lms.practicals import blank
from tests import factories


@pytest.fixture
def reader(app, as_):
    return as_(db.session.get(factories.User, factories.enrolment(factories.cohort()).user_id))


def test_a_student_reads_every_step_of_a_skill_and_finds_the_lesson_that_teaches_it(reader):
    page = reader.get("/checklists/S01").text
    assert "Does step 6" in page
    assert 'href="/learn/M01/m01-lesson-1/step-1"' in page
    assert "7 of 8 points" in page


def test_what_an_examiner_looks_for_is_shown_to_those_who_examine_and_to_no_student(app, as_, reader):
    secrets = ("Seen from the side.", "Too fast.", "What told you to stop?")
    assert [words for words in secrets if words in reader.get("/checklists/S01").text] == []
    page = as_(factories.user(role=Role.INSTRUCTOR)).get("/checklists/S01").text
    assert [words for words in secrets if words not in page] == []


def test_the_list_leads_to_each_skill(reader):
    page = reader.get("/checklists").text
    assert 'href="/checklists/S01"' in page
    assert 'href="/checklists/S02"' in page


def test_a_skill_that_the_course_has_not_is_not_found(reader):
    assert reader.get("/checklists/S99").status_code == 404
    assert reader.get("/checklists/S99.pdf").status_code == 404


def test_an_examiner_prints_a_checklist_before_class(app, as_):
    factories.course_version()
    answer = as_(factories.user(role=Role.INSTRUCTOR)).get("/checklists/S02.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")


def test_the_paper_names_the_rule_and_offers_no_way_out_of_a_critical_step(app):
    version = factories.course_version()
    skill = catalog.edition(version.id).skill("S01")
    factories.school()
    said = blank.blank_html(blank.facts_of(skill, version.number, "en", reviewed=False))
    assert "7 of 8 points are needed, and a global rating of 3 or more" in said
    assert said.count('<td class="b off"></td>') == sum(not step.na_allowed for step in skill.steps)
    assert "Not a record until it is entered and signed." in said


def test_unreviewed_spanish_is_no_critical_steps_only_language_on_paper(app):
    version = factories.course_version()
    skill = catalog.edition(version.id).skill("S01")
    factories.school()
    pending = blank.facts_of(skill, version.number, "es", reviewed=False)
    assert [bool(step.english) for step in pending.steps] == [step.critical for step in skill.steps]
    assert "pendiente de revisión" in blank.blank_html(pending)
    reviewed = blank.facts_of(skill, version.number, "es", reviewed=True)
    assert not any(step.english for step in reviewed.steps)


def test_a_code_on_paper_leads_to_the_checklist(reader):
    assert reader.get("/CHECKLISTS/S01").location == "/checklists/S01"
