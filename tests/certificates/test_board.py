"""The readiness board: counts of all, one reason a row, the same number of queries for any cohort."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from lms.accounts import service as accounts
from lms.certificates import service
from lms.certificates.eligibility import Group, Standing, count, may_issue
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.errors import NotFound
from tests import factories
from tests.certificates import factories as make


@contextmanager
def queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def newcomer(cohort, name: str, **changes):
    return factories.enrolment(cohort, make.student(name), **changes)


def test_everybody_is_counted_and_has_one_reason(cohort, admin):
    teacher = make.examiner()
    make.ready(cohort, make.student("Ana"), teacher)
    newcomer(cohort, "Ben")
    row = make.ready(cohort, make.student("Chloe"), teacher)
    make.propose(row, "lab", 30, teacher)
    newcomer(cohort, "Dev", state=EnrolmentState.WITHDRAWN)
    held = make.ready(cohort, make.student("Elena"), teacher)
    service.issue(held.id, language="en", by=admin.id)
    found = service.board(cohort.id, for_=admin)
    assert found.counts == dict.fromkeys((Standing.READY, "learning", "hours", "ended", "awarded"), 1)
    assert [(row.name, row.standing.value) for row in found.rows] == [
        ("Ana", "ready"),
        ("Ben", "learning"),
        ("Chloe", "hours"),
        ("Dev", "ended"),
        ("Elena", "awarded"),
    ]


def test_a_row_counts_what_the_clauses_of_the_students_own_page_count(cohort, admin):
    teacher = make.examiner()
    rows = [make.ready(cohort, make.student(name), teacher) for name in ("Ana", "Ben")]
    make.propose(rows[1], "lab", 30, teacher)
    make.pass_quiz(newcomer(cohort, "Chloe"), "M01")
    for row in service.board(cohort.id, for_=admin).rows:
        found = service.clauses([row.enrolment_id])[row.enrolment_id]
        assert list(row.clauses) == found
        assert [row.count(group) for group in Group] == [count(found, group) for group in Group]
        assert (row.standing is Standing.READY) is may_issue(found)


def test_filter_and_search_keep_the_counts_of_all(cohort, admin):
    make.ready(cohort, make.student("Ana"))
    newcomer(cohort, "Ánna")
    found = service.board(cohort.id, for_=admin, wanted=Standing.LEARNING, words="ANNA")
    assert [row.name for row in found.rows] == []  # the factory's search key keeps the accent
    found = service.board(cohort.id, for_=admin, wanted=Standing.READY, words="aNA")
    assert [row.name for row in found.rows] == ["Ana"]
    assert (found.total, found.matching, found.counts[Standing.LEARNING]) == (2, 1, 1)


def test_fifty_rows_a_page_by_key(cohort, admin):
    for n in range(53):
        newcomer(cohort, f"Student {n:02}")
    first = service.board(cohort.id, for_=admin)
    second = service.board(cohort.id, for_=admin, after=first.after)
    assert [len(first.rows), len(second.rows), second.after] == [50, 3, None]
    assert second.rows[0].name == "Student 50"


def test_an_instructor_sees_the_boards_of_their_own_cohorts(cohort):
    with pytest.raises(NotFound):
        service.board(cohort.id, for_=make.examiner())


def test_the_students_own_page_asks_as_often_with_more_of_everything(cohort, as_):
    row = make.ready(cohort)
    browser, teacher = as_(accounts.person(row.user_id)), make.examiner()
    with queries() as few:
        browser.get("/record")
    for _ in range(20):
        make.approve(make.propose(row, "lab", 30, teacher), teacher)
    with queries() as many:
        browser.get("/record")
    assert len(few) == len(many)


def test_the_same_sentence_for_student_and_office(cohort, admin, as_):
    row = newcomer(cohort, "Ana")
    office = as_(admin).get(f"/cohorts/{cohort.id}/readiness/{row.id}").text
    student = as_(accounts.person(row.user_id)).get("/record").text
    sentences = re.findall(r"(?:Quiz not passed yet|Skill not signed yet|\d of \d\S* \w+ hours are)[^<]*", office)
    assert len(sentences) >= 6
    assert all(sentence in student for sentence in sentences)


def test_the_board_says_which_rules_are_switched_off(cohort, admin, as_):
    page = as_(admin).get(f"/cohorts/{cohort.id}/readiness").text
    assert "CPR and AED card" in page
    assert "second person at issue" in page
