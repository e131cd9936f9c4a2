"""What the demo school holds, and that all of it holds."""

import re
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lms import clock
from lms.access import Role
from lms.accounts import sign_in
from lms.accounts.models import User
from lms.audit import AuditEvent
from lms.catalog import service as catalog
from lms.certificates import service as certificates
from lms.certificates.models import Certificate, Revocation
from lms.cohorts import service as cohorts
from lms.cohorts.models import Cohort, Enrolment
from lms.cohorts.rules import CohortState, EnrolmentState
from lms.courses import service as courses
from lms.db import db
from lms.demo.accounts import ACCOUNTS, PASSWORD
from lms.errors import RuleBroken
from lms.hours.models import ClockDecision, ClockEntry
from lms.ledger import service as ledger
from lms.ledger.models import LedgerEntry
from lms.practicals import service as practicals
from lms.practicals.models import Countersignature, Sheet
from lms.practicals.rules import State
from lms.quizzes import service as quizzes
from lms.quizzes.models import Attempt
from lms.school import service as school

LMS = Path(__file__).parents[2] / "lms"
pytestmark = pytest.mark.usefixtures("demo")


def person(login: str) -> User:
    return db.session.scalars(select(User).filter_by(email=f"{login}@demo.example")).one()


def place(login: str) -> Enrolment:
    found = cohorts.current_enrolment(person(login))
    assert found is not None
    return found


def test_every_account_with_the_known_password_is_marked_and_production_refuses_to_start_with_one():
    assert count(User, User.password_hash.is_not(None), User.demo.is_(False)) == 0


def count(model, *where) -> int:
    return db.session.scalars(select(func.count()).select_from(model).where(*where)).one()


def test_the_school_says_that_it_is_a_demo_and_that_its_exemption_is_invented():
    here = school.current()
    assert here.demo
    assert "demo" in here.name
    assert "invented" in here.approval_reference
    assert "invented" in here.approval_sentence
    assert len(school.signatories()) == 2
    assert school.policy("staff_second_factor") is False


def test_the_statements_are_there_in_both_languages_and_the_one_for_documents_is_short_too():
    told = school.statements_in_force(list(cohorts.STATEMENT_KEYS))
    assert all(one.text_en and one.text_es and one.text_en != one.text_es for one in told)
    assert told[0].short("en")
    assert told[0].short("es")


def test_the_whole_record_holds():
    report = ledger.verify_all()
    assert report.holds
    assert report.size > 300


def test_the_record_was_made_in_the_order_of_time_and_none_of_it_lies_ahead():
    times = list(db.session.scalars(select(LedgerEntry.at).order_by(LedgerEntry.seq)))
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert times[-1] <= clock.now()
    assert db.session.scalars(select(func.max(AuditEvent.at))).one() <= clock.now()
    assert (times[-1] - times[0]).days > 60


@pytest.mark.once
@pytest.mark.parametrize(("email", "about"), ACCOUNTS)
def test_each_demo_account_signs_in_and_is_met_by_its_first_page(demo, email: str, about: str):
    assert about
    browser = demo.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/login").text)
    answer = browser.post("/login", data={"csrf_token": token[1], "login": email, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/home")
    assert browser.get("/home").status_code == 200


def test_the_roles_are_those_of_the_names():
    roles = {email.split("@")[0].rstrip("23"): person(email.split("@")[0]).role for email, _about in ACCOUNTS}
    assert roles == {
        **dict.fromkeys(("student", "newstudent", "ready", "graduate"), Role.STUDENT),
        "instructor": Role.INSTRUCTOR,
        "admin": Role.ADMIN,
        "auditor": Role.AUDITOR,
    }


def test_ready_has_met_every_condition_and_holds_nothing_yet():
    row = place("ready")
    found = certificates.clauses([row.id])[row.id]
    assert [clause.key for clause in found if not clause.met] == []
    assert found
    assert certificates.held([row.id]) == {}


class Undone(Exception):
    """The school that all these tests look at stays as it is."""


def test_ready_may_be_awarded_now():
    row, office, serials = place("ready").id, person("admin").id, []
    with suppress(Undone), db.write():
        serials.append(certificates.issue(row, language="en", by=office).serial)
        raise Undone
    assert serials[0].startswith("LGS-MTR-")
    assert count(Certificate) == 3


def test_the_graduate_holds_a_certificate_whose_document_exists():
    row = place("graduate")
    certificate = certificates.held([row.id])[row.id]
    assert row.state is EnrolmentState.AWARDED
    assert certificates.document(certificate.id, for_=person("graduate")).data.startswith(b"%PDF")


def test_one_certificate_of_three_is_revoked_with_a_reason():
    revoked = db.session.scalars(select(Revocation)).one()
    assert count(Certificate) == 3
    assert ledger.values(revoked.entry_seq)["words"]


def test_a_certificate_bears_a_name_in_another_script_with_a_second_name():
    names = {certificates.printed_names([row])[row.id] for row in db.session.scalars(select(Certificate))}
    assert {"Олена Шевченко", "Nguyễn Thị Hồng Ánh"} <= names
    assert person("olena.shevchenko").second_name == "Olena Shevchenko"


def test_the_student_is_half_way_with_a_sheet_to_countersign():
    row = place("student")
    edition = catalog.edition(row.course_version_id)
    progress = courses.progress(edition, [row.id])[row.id]
    assert progress["M01"].complete
    assert quizzes.passed_modules([row.id])[row.id] == {"M01", "M02"}
    assert 0 < progress["M03"].done < progress["M03"].total
    first = practicals.standing(row)[0]
    assert (first.skill.id, first.state) == ("S01", State.HALF)
    assert practicals.draft_of(first.newest).comment


def test_the_second_student_reads_in_spanish_and_has_a_quiz_open():
    row = place("student2")
    assert person("student2").locale == "es"
    assert quizzes.standing(row, "M02").open_attempt_id
    assert [one.passed for one in quizzes.standing(row, "M01").tries] == [False, True]


def test_the_new_student_has_done_nothing():
    row, new = place("newstudent"), person("newstudent")
    assert courses.steps_done(row.id) == set()
    assert len(cohorts.statements_to_sign(row)) == 3
    assert new.legal_name_confirmed_at is None
    assert count(Attempt, Attempt.enrolment_id == row.id) == 0


def test_an_instructor_whose_license_ran_out_opens_no_sheet():
    row = place("kwame.mensah")
    with pytest.raises(RuleBroken, match="no valid credential"):
        practicals.open_sheet(row.id, "S03", by=person("instructor3").id)
    with pytest.raises(RuleBroken, match="no valid credential"):
        practicals.open_sheet(row.id, "S10", by=person("instructor2").id)  # a CMT does not sign transfers


def test_there_are_four_cohorts_one_over_two_under_way_one_to_come():
    named = {row.name: row for row in db.session.scalars(select(Cohort))}
    assert {name: (row.state, len(cohorts.people_of(row.id))) for name, row in named.items()} == {
        "Spring evenings": (CohortState.CLOSED, 4),
        "Summer evenings": (CohortState.RUNNING, 3),
        "Fall evenings": (CohortState.RUNNING, 13),
        "Winter evenings": (CohortState.OPEN, 4),
    }


def test_of_those_who_end_soon_each_lacks_something_else():
    missing = {}
    for login in ("ready", "rosa.martinez", "bjorn.lindqvist"):
        row = place(login)
        missing[login] = [clause.key for clause in certificates.clauses([row.id])[row.id] if not clause.met]
    assert missing == {
        "ready": [],
        "rosa.martinez": ["skill:S14"],
        "bjorn.lindqvist": ["hours:final", "hours:pending"],
    }


def test_students_of_the_running_cohort_stand_in_different_places():
    rows = db.session.scalars(select(Enrolment).join(Enrolment.cohort).where(Cohort.state == CohortState.RUNNING)).all()
    assert {row.state for row in rows} == {EnrolmentState.ACTIVE, EnrolmentState.LEAVE, EnrolmentState.WITHDRAWN}
    stuck = [row for row in rows if (m := quizzes.standing(row, "M01")).attempts_left == 0 and not m.passed]
    assert len(stuck) == 1


def test_hours_are_approved_waiting_and_rejected():
    query = select(ClockDecision.approved).select_from(ClockEntry).outerjoin(ClockEntry.decision)
    found = Counter(db.session.scalars(query))
    assert found[True] > 100
    assert found[None] > 5
    assert found[False] > 0


def test_sheets_are_signed_declined_not_yet_and_unsigned():
    assert count(Sheet, Sheet.verdict == "demonstrated") > 15
    assert count(Sheet, Sheet.verdict == "not_yet") == 2
    assert count(Sheet, Sheet.signed_at.is_(None)) == 1
    assert count(Countersignature, Countersignature.agreed.is_(False)) == 1


def test_every_number_of_hours_and_sheets_is_behind_an_entry_of_the_record():
    kinds = dict(db.session.execute(select(LedgerEntry.kind, func.count()).group_by(LedgerEntry.kind)).all())
    assert kinds["sheet.signed"] == count(Sheet, Sheet.signed_at.is_not(None))
    assert kinds["hours.approved"] == count(ClockDecision, ClockDecision.approved)
    assert kinds["certificate.document"] == kinds["certificate.issued"] == 3


def test_a_wrong_password_opens_no_demo_account():
    assert sign_in.check("student@demo.example", PASSWORD + "x", address="192.0.2.7") is None


def test_the_demo_puts_no_row_into_the_database_itself():
    sources = "".join(path.read_text() for path in (LMS / "demo").glob("*.py"))
    assert not re.search(r"session\.(add|merge|delete)|\binsert\(|\bupdate\(", sources)


def test_nothing_but_the_demo_stops_the_clock():
    users = [p for p in LMS.rglob("*.py") if "clock.at(" in p.read_text()]
    assert {path.parent.name for path in users} == {"demo"}
