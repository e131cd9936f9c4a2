"""Printed lessons and large figures: headings in order, figures that open from anywhere, nothing before its time."""

import re
from itertools import pairwise

import pytest

from lms.access import Role
from lms.courses.views.printing import placed
from lms.db import db
from tests import factories, synthetic


@pytest.fixture
def reader(app, as_):
    """A student who is enrolled."""
    return as_(db.session.get(factories.User, factories.enrolment(factories.cohort()).user_id))


def ranks(page):
    return [int(rank) for rank in re.findall(r"<h([1-6])", page)]


def test_a_figure_of_a_module_that_is_not_open_does_not_open_either(reader):
    assert reader.get("/learn/M02/m02-lesson-1/figures/hands").status_code == 409


def test_a_figure_is_a_region_that_scrolls_and_takes_the_keyboard(reader):
    page = reader.get("/learn/M01/m01-lesson-1/figures/hands").text
    assert 'role="region" aria-label="Step 1" tabindex="0"' in page


def test_a_figure_opens_large_from_a_printed_lesson_in_the_language_it_is_printed_in(app, as_):
    factories.course_version()
    office = as_(factories.user(role=Role.AUDITOR))
    large = "/learn/M01/m01-lesson-1/figures/hands"
    assert f'href="{large}"' in office.get("/print/M01").text
    assert f'href="{large}?words=es"' in office.get("/print/M01/m01-lesson-1?words=es").text
    back = "/print/M01/m01-lesson-1?words=es#m01-lesson-1-step-1"
    assert f'href="{back}"' in office.get(f"{large}?words=es").text


@pytest.mark.parametrize("url", ["/print/M01", "/print/M01/m01-lesson-1", "/print/M01?words=es"])
def test_the_headings_of_a_printed_page_skip_no_rank(reader, url):
    found = ranks(reader.get(url).text)
    assert found[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(found))


def test_boxes_of_a_step_stand_below_its_heading(app):
    lesson = synthetic.edition().modules[0].lessons[0]
    with app.test_request_context():
        assert placed("<h3>Safety</h3><h4>More</h4>", lesson, "en", below=3) == "<h4>Safety</h4><h5>More</h5>"


def test_a_module_that_is_locked_is_marked_and_offers_no_print(reader):
    page = reader.get("/course").text
    assert "/print/M01" in page
    assert "/print/M02" not in page
    assert "Opens when you have read: Module 1" in page


def test_the_bar_of_a_lesson_shows_the_place_and_ticks_show_what_is_done(reader):
    page = reader.get("/learn/M01/m01-lesson-1/step-1").text
    assert '<progress value="1" max="2" aria-label="Step 1 of 2">' in page
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    reader.post("/learn/M01/m01-lesson-1/step-1", data={"csrf_token": token})
    page = reader.get("/learn/M01/m01-lesson-1/step-1").text
    assert '<progress value="1" max="2" aria-label="Step 1 of 2">' in page
    assert page.count('class="tick done"') == 1
