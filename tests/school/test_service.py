from datetime import date, timedelta

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
