"""What staff read of the course: class plans, the questions with their keys, coverage; and what students do not."""

from dataclasses import replace

import pytest

from lms.access import Role
from lms.catalog.items import Bloom, Item, ItemType, Option
from lms.catalog.text import Text
from lms.catalog.types import Edition, FinalExam
from lms.courses.syllabus import syllabus_html
from lms.courses.views.about import planned
from lms.db import db
from tests import factories, papers, synthetic

STAFF_ONLY = ("/course/classes", "/course/classes/M01-L1", "/course/bank/M01", "/course/coverage")


def item(number: int, kind: ItemType, **values) -> Item:
    return Item(
        id=f"M01-Q{number:02}",
        hash="",
        type=kind,
        objective="M01-O1",
        bloom=Bloom.ANALYSE,
        difficulty=2,
        safety=True,
        lesson_id="m01-lesson-1",
        step_id="step-2",
        stem=synthetic.text(f"Stem {number}?"),
        **values,
    )


def choice(key: str, says: str, *, correct: bool = True, match: str = "") -> Option:
    return replace(synthetic.option(key, correct, says), match=synthetic.text(match) if match else None)


def every_type() -> Edition:
    """The made-up course with one question of each type in its first module."""
    key = (choice("a", "left a", match="right a"), choice("x", "spare", correct=False))
    rows = (
        *(synthetic.item("M01", n) for n in range(1, 5)),
        item(5, ItemType.MATCHING, options=key),
        item(6, ItemType.ORDERING, options=(choice("a", "first"), choice("b", "second"))),
        item(
            7, ItemType.HOTSPOT, figure="M01/plan", options=(choice("a", "here"), choice("b", "there", correct=False))
        ),
        item(8, ItemType.SHORT, model=synthetic.text("All of it."), options=(choice("a", "names it"),)),
        item(
            9,
            ItemType.CASE,
            story=synthetic.text("It began."),
            parts=(replace(synthetic.item("M01", 1), id="M01-Q09a"),),
        ),
    )
    edition = synthetic.edition()
    first = replace(edition.modules[0], items=rows)
    plan = Text(*('<svg class="fig"><title>Plan</title></svg>',) * 2)
    return replace(edition, modules=(first, *edition.modules[1:]), maps={"M01/plan": plan})


@pytest.fixture
def office(app, as_):
    factories.course_version(every_type())
    return as_(factories.user(role=Role.INSTRUCTOR))


def test_a_student_sees_no_plan_no_key_and_no_coverage(app, as_):
    student = as_(db.session.get(factories.User, factories.enrolment(factories.cohort()).user_id))
    assert {url: student.get(url).status_code for url in STAFF_ONLY} == dict.fromkeys(STAFF_ONLY, 403)
    assert "/course/bank" not in student.get("/course").text


def test_staff_find_plans_questions_and_coverage_from_the_course(office):
    page = office.get("/course").text
    assert all(f'href="{url}"' in page for url in ("/course/classes", "/course/bank/M01", "/course/coverage"))
    assert {url: office.get(url).status_code for url in STAFF_ONLY} == dict.fromkeys(STAFF_ONLY, 200)


def test_what_the_course_has_not_is_not_there(office):
    assert office.get("/course/classes/M01-X9").status_code == 404
    assert office.get("/course/bank/M99").status_code == 404


def test_a_class_plan_says_what_the_class_is_for_and_what_it_needs(office):
    page = office.get("/course/classes/M01-L1").text
    assert "Supervised lab, 60 min" in page
    assert "Objective 1" in page
    assert "Table" in page
    assert "Practise." in page


def test_the_lines_of_a_plan_are_read_in_both_forms_that_authors_write():
    plan = Text("1. (5 min) Warm up.\n2. 10 min. Sort cards.\n3. Go home.", "1. (5 min) Inicio.\n2. 10 min. Ordene.")
    assert planned(plan) == [
        (5, Text("Warm up.", "Inicio.")),
        (10, Text("Sort cards.", "Ordene.")),
        (0, Text("Go home.", "")),
    ]


def test_the_bank_shows_the_key_and_the_reason_of_every_type(office):
    page = office.get("/course/bank/M01").text
    for said in (
        "why answer b to M01-Q01",
        "18 ± 0.5",
        "right a",
        "Belongs to none",
        "why first",
        "All of it.",
        "It began.",
    ):
        assert said in page
    assert 'id="M01-Q09a"' in page
    assert 'href="/print/M01/m01-lesson-1#m01-lesson-1-step-2"' in page
    assert "<title>Plan</title>" in page


def test_the_bank_marks_the_types_that_quizzes_do_not_ask_yet(office):
    waiting = sum(not row.played for row in every_type().modules[0].items)
    assert office.get("/course/bank/M01").text.count("Quizzes do not ask this type yet") == waiting


def test_unreviewed_spanish_of_a_question_has_its_english_below(app, as_):
    factories.course_version(every_type())
    page = as_(factories.user(role=Role.INSTRUCTOR, locale="es")).get("/course/bank/M01").text
    assert 'Stem 5? (es)<span class="below" lang="en">Stem 5?</span>' in page


def test_the_coverage_leads_to_each_question_and_to_each_place_that_teaches(office):
    page = office.get("/course/coverage").text
    assert 'href="/course/bank/M01#M01-Q02"' in page
    assert 'href="/print/M01/m01-lesson-1"' in page
    assert 'href="/print/M01/m01-lesson-1#m01-lesson-1-step-1"' in page
    assert page.count('role="columnheader"') == 3 * page.count('role="table"')


def test_staff_are_led_to_where_a_claim_is_taught_on_paper(office):
    assert 'href="/print/M01/m01-lesson-1#m01-lesson-1-step-1"' in office.get("/course/evidence").text
    assert 'id="m01-lesson-1-step-1"' in office.get("/print/M01").text


@pytest.mark.parametrize(
    ("attempts", "wait", "said"),
    [
        (2, 1440, "2 tries. The next one opens 1 day later."),
        (3, 90, "3 tries. The next one opens 2 hours later."),
        (1, 1440, "1 try. "),
    ],
)
def test_the_syllabus_says_how_often_the_exam_may_be_tried_and_how_far_apart(app, as_, attempts, wait, said):
    edition = replace(synthetic.edition(), final_exam=FinalExam({"M01": 4}, 80, attempts, wait))
    factories.course_version(edition)
    page = as_(factories.user(role=Role.INSTRUCTOR)).get("/course/syllabus").text
    assert said in " ".join(page.split()).replace("</p>", " </p>")
    paper = syllabus_html(edition, 1, "en", head=papers.HEAD, address="https://school.example/course/syllabus")
    assert said in " ".join(paper.split())
    assert "What the school must tell you" in paper


def test_the_hours_of_the_syllabus_stand_by_module_and_kind(office):
    page = office.get("/course/syllabus").text
    assert '<th scope="col">Online</th><th scope="col">In class</th><th scope="col">Lab</th>' in page
    assert "<td>0.5 h</td><td>0.5 h</td><td>1 h</td><td></td><td>2 h</td>" in page
