"""The first page of each role: what it gathers is what the other pages say, in few questions to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from lms.access import Role
from lms.accounts import service as accounts
from lms.certificates import service as certificates
from lms.certificates.eligibility import Standing
from lms.cohorts.models import Cohort, Enrolment
from lms.cohorts.rules import CohortState
from lms.db import db
from lms.home import service
from lms.home.rules import Kind
from tests import factories
from tests.certificates import factories as make

MOST_QUERIES = 12  # of a student's first page, with the session, the person and the first word of the transaction


@contextmanager
def queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def cohort(app) -> Cohort:
    make.school_can_issue()
    return make.cohort()


def home_of(row: Enrolment) -> service.StudentHome:
    home = service.student(accounts.person(row.user_id))
    assert home is not None
    return home


def half_way(cohort: Cohort) -> Enrolment:
    """A quiz passed and another not, a skill shown and a try that was not enough, hours of which some wait."""
    row, teacher = factories.enrolment(cohort, make.student()), make.examiner()
    make.pass_quiz(row, "M01")
    make.pass_quiz(row, "M02", passed=False)
    make.sign_skill(row, "S01", teacher, verdict="not_yet")
    make.sign_skill(row, "S01", teacher, number=2)
    make.sign_skill(row, "S02", teacher, verdict="not_yet")
    make.approve(make.propose(row, "lab", 30, teacher), teacher)
    make.propose(row, "lab", 45, teacher)
    make.sign_statements(row, but="honour")
    return row


@pytest.mark.parametrize("stage", [half_way, make.ready, lambda cohort: factories.enrolment(cohort, make.student())])
def test_the_first_page_says_of_every_clause_what_the_record_says(cohort, stage):
    row = stage(cohort)
    assert home_of(row).clauses == certificates.clauses([row.id])[row.id]


def test_a_students_first_page_asks_the_database_little(cohort, as_):
    row = make.ready(cohort)
    browser = as_(accounts.person(row.user_id))
    browser.get("/home")
    with queries() as seen:
        assert browser.get("/home").status_code == 200
    assert len(seen) <= MOST_QUERIES


def test_what_is_not_signed_yet_comes_first(cohort):
    home = home_of(half_way(cohort))
    assert home.things[0].kind is Kind.STATEMENT
    assert [text.key for text in home.statements.values()] == ["honour"]


def test_the_certificate_fills_the_first_page_until_it_is_revoked(cohort):
    admin, row = factories.user(Role.ADMIN), make.ready(cohort)
    certificate = certificates.issue(row.id, language="en", by=admin.id)
    home = home_of(row)
    assert home.certificate is not None
    assert (home.certificate.id, [thing.kind for thing in home.things]) == (certificate.id, [Kind.CERTIFICATE])
    certificates.revoke(certificate.id, reason=certificates.Reason.IDENTITY, words="x", by=admin.id)
    assert home_of(row).certificate is None


def test_the_office_counts_as_the_board_does(cohort):
    admin, teacher = factories.user(Role.ADMIN), make.examiner()
    half_way(cohort)
    make.ready(cohort, by=teacher)
    make.propose(make.ready(cohort, by=teacher), "lab", 30, teacher)
    cohort_id = cohort.id
    with db.write():
        db.locked(Cohort, cohort_id).state = CohortState.RUNNING
    counted = service.office(admin).cohorts[0].standings
    assert counted == certificates.board(cohort_id, for_=admin).counts
    assert counted == {Standing.LEARNING: 1, Standing.READY: 1, Standing.HOURS: 1}
