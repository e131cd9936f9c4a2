from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms.access import Role
from lms.db import db
from lms.errors import Conflict, RuleBroken, SchoolError
from lms.school import rules, service
from tests import factories


@pytest.fixture
def admin(app):
    return factories.user(Role.ADMIN)


def test_a_policy_counts_from_its_date(admin):
    assert service.policy("quiz_attempts") == 3
    service.set_policy(
        "quiz_attempts", 5, effective_from=service.today() + timedelta(days=1), source="board", by=admin.id
    )
    assert service.policy("quiz_attempts") == 3
    service.set_policy("quiz_attempts", 4, effective_from=service.today(), source="board", by=admin.id)
    assert service.policy("quiz_attempts") == 4


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("quiz_attempts", 0),
        ("quiz_attempts", True),
        ("quiz_attempts", "3"),
        ("nonsense", 1),
        ("require_cpr_card", True),
        ("assessment_language", "fr"),
    ],
)
def test_a_policy_takes_only_values_that_fit(admin, key, value):
    with pytest.raises(RuleBroken):
        service.set_policy(key, value, effective_from=date(2026, 1, 1), source="x", by=admin.id)


def test_the_first_rule_of_a_school_may_say_since_when_it_holds_and_no_later_one(admin):
    long_ago, yesterday = date(2026, 1, 1), service.today() - timedelta(days=1)
    service.set_policy("quiz_attempts", 4, effective_from=long_ago, source="board", by=admin.id)
    for key in ("quiz_attempts", "skill_tries"):
        with pytest.raises(RuleBroken, match="today or a later day"):
            service.set_policy(key, 5, effective_from=yesterday, source="board", by=admin.id)
    assert service.policy("quiz_attempts") == 4
    assert service.policy("skill_tries") == 3


def test_only_the_first_text_of_a_statement_may_begin_in_the_past(admin):
    def add(key: str) -> None:
        service.add_statement(key, text_en="x", text_es="x", effective_from=date(2026, 1, 1), source="x", by=admin.id)

    for key in ("honour", "training-partner"):
        add(key)
        with pytest.raises(RuleBroken, match="today or a later day"):
            add(key)
        assert [one.now.effective_from for one in service.dated_statements() if one.key == key] == [date(2026, 1, 1)]


def test_today_is_the_day_at_the_school(admin, time):
    time.now = datetime(2026, 11, 25, 3, tzinfo=UTC)  # the evening before in California
    service.set_policy("quiz_attempts", 4, effective_from=date(2026, 11, 24), source="board", by=admin.id)
    service.set_policy("quiz_attempts", 5, effective_from=date(2026, 11, 24), source="board", by=admin.id)
    assert service.policy("quiz_attempts") == 5


def test_a_rule_says_what_holds_today_and_what_comes(admin):
    day = service.today()
    service.set_policy("skill_tries", 4, effective_from=day, source="board", by=admin.id)
    service.set_policy("skill_tries", 6, effective_from=day + timedelta(days=9), source="board", by=admin.id)
    of = {one.key: one for one in service.dated_policies()}
    assert (of["skill_tries"].now.value, [row.value for row in of["skill_tries"].coming]) == (4, [6])
    assert (of["quiz_attempts"].now, of["quiz_attempts"].coming) == (None, [])


def test_every_default_fits_its_own_policy():
    assert [key for key, default in rules.DEFAULTS.items() if not rules.fits(key, default.value)] == []


def test_a_new_statement_leaves_the_old_one_on_record(admin):
    factories.statements()
    old = service.statement("honour")
    service.add_statement(
        "honour",
        text_en="A newer text of the statement.",
        text_es="Un texto más nuevo.",
        effective_from=service.today(),
        source="x",
        by=1,
    )
    assert service.statement("honour").id != old.id
    with pytest.raises(DBAPIError, match="may not change"), db.write():
        db.session.execute(text("UPDATE statement SET text_en = 'x'"))


def test_two_editors_of_the_settings(admin):
    service.update_school({"phone": "1"}, version=1, by=admin.id)
    with pytest.raises(Conflict) as told:
        service.update_school({"phone": "2"}, version=1, by=admin.id)
    assert told.value.current == {"phone": "1"}


def test_a_signatory_whose_name_cannot_be_printed_is_refused(admin):
    with pytest.raises(SchoolError, match="no letters"):
        service.add_signatory(name="😀 Smith", title_en="Director", title_es="Directora", credential="", by=admin.id)


@pytest.mark.parametrize(
    ("approval", "reference", "opens"),
    [
        ("approved", "BPPE 1", True),
        ("exempt", "94874", True),
        ("exempt", " ", False),
        ("pending", "x", False),
        ("none", "x", False),
    ],
)
def test_enrolment_needs_an_approval_or_exemption_with_its_reference(approval, reference, opens):
    assert rules.may_open_enrolment(approval, reference) is opens
