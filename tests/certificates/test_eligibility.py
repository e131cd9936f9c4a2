from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.types import FinalPractical
from lms.certificates import eligibility
from lms.certificates.eligibility import Evidence, Group, Outline, Rules, Standing, Why, unmet
from lms.cohorts.rules import EnrolmentState
from tests import synthetic

TODAY = date(2026, 11, 20)
EDITION = synthetic.edition(modules=3, skills=2)  # 90 + 90 theory minutes, 180 lab
NEEDS = eligibility.needs_of(EDITION)
RULES = Rules(today=TODAY, name_days=30, statements=("does-not-license", "honour", "training-partner"))


def day(ago: int) -> date:
    return TODAY - timedelta(days=ago)


COMPLETE = Evidence(
    state=EnrolmentState.ACTIVE,
    started_on=day(60),
    name_confirmed_on=day(10),
    adult_attested_on=day(60),
    minutes={"theory_online": 90, "theory_in_person": 90, "lab": 180},
    pending=0,
    last_approved_on=day(3),
    quizzes={"M01": day(40), "M02": day(30), "M03": day(9)},
    skills={"S01": day(20), "S02": day(8)},
    statements=dict.fromkeys(RULES.statements, day(59)),
)


def missing(evidence: Evidence, rules: Rules = RULES) -> list[str]:
    return [clause.key for clause in unmet(eligibility.clauses(EDITION, evidence, rules))]


def without(mapping: dict[str, date], key: str) -> dict[str, date]:
    return {k: v for k, v in mapping.items() if k != key}


def test_with_everything_it_may_be_issued():
    found = eligibility.clauses(EDITION, COMPLETE, RULES)
    assert missing(COMPLETE) == []
    assert eligibility.may_issue(found)


def test_the_clauses_come_from_the_edition():
    keys = {clause.key for clause in eligibility.clauses(EDITION, COMPLETE, RULES)}
    assert keys >= {"quiz:M01", "quiz:M03", "skill:S02", "hours:theory", "hours:lab", "statement:honour"}
    assert "quiz:M04" not in keys


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"state": EnrolmentState.LEAVE}, "enrolment"),
        ({"state": EnrolmentState.WITHDRAWN}, "enrolment"),
        ({"name_confirmed_on": None}, "name"),
        ({"name_confirmed_on": day(31)}, "name"),
        ({"adult_attested_on": None}, "adult"),
        ({"minutes": {"theory_online": 90, "theory_in_person": 89, "lab": 180}}, "hours:theory"),
        ({"minutes": {"theory_online": 90, "theory_in_person": 90, "lab": 179}}, "hours:lab"),
        ({"minutes": {"theory_online": 900, "theory_in_person": 900}}, "hours:lab"),
        ({"pending": 1}, "hours:pending"),
        *[({"quizzes": without(COMPLETE.quizzes, m)}, f"quiz:{m}") for m in COMPLETE.quizzes],
        *[({"skills": without(COMPLETE.skills, s)}, f"skill:{s}") for s in COMPLETE.skills],
        *[({"statements": without(COMPLETE.statements, s)}, f"statement:{s}") for s in COMPLETE.statements],
    ],
)
def test_each_clause_alone_stands_in_the_way(change: dict, key: str):
    assert missing(replace(COMPLETE, **change)) == [key]


def test_theory_counts_online_and_in_class_together():
    assert missing(replace(COMPLETE, minutes={"theory_in_person": 180, "lab": 180})) == []


def test_a_name_is_fresh_up_to_the_policys_days():
    assert missing(replace(COMPLETE, name_confirmed_on=day(30))) == []


def test_an_awarded_enrolment_counts_so_that_a_revoked_certificate_can_be_replaced():
    assert missing(replace(COMPLETE, state=EnrolmentState.AWARDED)) == []


def test_a_policy_that_cannot_be_met_yet_blocks_everyone_once_it_is_on():
    assert missing(COMPLETE, replace(RULES, unbuilt=("require_cpr_card",))) == ["require_cpr_card"]


def test_completion_is_the_day_of_the_last_requirement():
    assert eligibility.completed_on(eligibility.clauses(EDITION, COMPLETE, RULES)) == day(3)
    later = replace(COMPLETE, skills={**COMPLETE.skills, "S02": day(1)})
    assert eligibility.completed_on(eligibility.clauses(EDITION, later, RULES)) == day(1)


def test_what_is_not_complete_has_no_completion_day():
    with pytest.raises(ValueError, match="not complete"):
        eligibility.completed_on(eligibility.clauses(EDITION, replace(COMPLETE, pending=2), RULES))


DAYS = st.none() | st.integers(0, 90).map(day)
SOME_DAYS = st.integers(0, 90).map(day)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """Often complete, or nearly so."""

    def reached(keys: list[str]) -> dict[str, date]:
        return {key: draw(SOME_DAYS) for key in keys if draw(st.integers(0, 9))}

    return Evidence(
        state=draw(st.sampled_from([EnrolmentState.ACTIVE, EnrolmentState.ACTIVE, *EnrolmentState])),
        started_on=day(90),
        name_confirmed_on=draw(DAYS),
        adult_attested_on=draw(DAYS),
        minutes={kind: draw(st.sampled_from([0, 89, 90, 180, 181])) for kind in COMPLETE.minutes},
        pending=draw(st.sampled_from([0, 0, 0, 1])),
        last_approved_on=draw(SOME_DAYS),
        quizzes=reached(["M01", "M02", "M03"]),
        skills=reached(["S01", "S02"]),
        statements=reached(list(RULES.statements)),
    )


@given(evidences())
def test_no_certificate_unless_every_clause_holds(evidence: Evidence):
    """Against the rule as the school wrote it, spelled out a second time."""
    minutes = evidence.minutes
    holds = [
        evidence.state in ("active", "extended", "awarded"),
        evidence.name_confirmed_on is not None and (TODAY - evidence.name_confirmed_on).days <= 30,
        evidence.adult_attested_on is not None,
        minutes["theory_online"] + minutes["theory_in_person"] >= 180,
        minutes["lab"] >= 180,
        evidence.pending == 0,
        set(evidence.quizzes) == {"M01", "M02", "M03"},
        set(evidence.skills) == {"S01", "S02"},
        set(evidence.statements) == set(RULES.statements),
    ]
    found = eligibility.clauses(EDITION, evidence, RULES)
    assert eligibility.may_issue(found) is all(holds)
    if all(holds):
        assert eligibility.completed_on(found) == max(clause.since for clause in found if clause.since)
        assert eligibility.standing(NEEDS, evidence, RULES, holds_certificate=False) is Standing.READY


@given(evidences(), st.sampled_from([(), ("require_cpr_card",)]))
def test_what_is_missing_first_is_what_the_clauses_say(evidence: Evidence, unbuilt: tuple[str, ...]):
    rules = replace(RULES, unbuilt=unbuilt)
    groups = {clause.group for clause in unmet(eligibility.clauses(EDITION, evidence, rules))}
    first = next((group for group in Group if group in groups), None)
    assert eligibility.shortfall(NEEDS, evidence, rules) is first
    assert eligibility.shortfall(NEEDS, without_days(evidence), rules) is first


def without_days(evidence: Evidence) -> Outline:
    known = {one.name: getattr(evidence, one.name) for one in fields(Outline)}
    return Outline(**known | {name: set(known[name]) for name in ("quizzes", "skills", "statements")})


@given(evidences(), st.booleans())
def test_what_is_settled_early_is_what_the_whole_evidence_says(evidence: Evidence, holds_certificate: bool):
    early = eligibility.settled(NEEDS, evidence.state, evidence.quizzes, holds_certificate=holds_certificate)
    whole = eligibility.standing(NEEDS, evidence, RULES, holds_certificate=holds_certificate)
    assert early in (whole, None)
    assert (early is None) is (not holds_certificate and whole not in (Standing.LEARNING, Standing.ENDED))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"quizzes": {}, "skills": {}, "pending": 1}, Standing.LEARNING),
        ({"skills": {}, "pending": 1}, Standing.SKILLS),
        ({"pending": 1, "adult_attested_on": None}, Standing.HOURS),
        ({"adult_attested_on": None}, Standing.PAPERS),
        ({"state": EnrolmentState.LEAVE}, Standing.PAPERS),
        ({"state": EnrolmentState.WITHDRAWN}, Standing.ENDED),
        ({}, Standing.READY),
    ],
)
def test_a_student_stands_at_the_first_thing_that_is_missing(change: dict, expected: Standing):
    evidence = replace(COMPLETE, **change)
    assert eligibility.standing(NEEDS, evidence, RULES, holds_certificate=False) is expected
    assert eligibility.standing(NEEDS, evidence, RULES, holds_certificate=True) is Standing.AWARDED


def test_hours_of_one_kind_never_stand_in_for_another():
    found = eligibility.clauses(EDITION, replace(COMPLETE, minutes={"theory_online": 9000, "lab": 30}), RULES)
    assert eligibility.count(found, Group.HOURS) == (210, 360)
    assert eligibility.count(found, Group.LEARNING) == (3, 3)
    assert next(clause for clause in found if clause.why is Why.LAB).have == 30


WITH_FINAL = replace(
    EDITION, final_practical=FinalPractical(240, 60, 1440, synthetic.text("Four stations."), synthetic.text("All."), ())
)


def test_the_final_practical_of_an_edition_asks_for_hours_of_its_own():
    found = eligibility.clauses(WITH_FINAL, COMPLETE, RULES)
    assert [clause.key for clause in unmet(found)] == ["hours:final"]
    held = replace(COMPLETE, minutes={**COMPLETE.minutes, "final_practical": 240})
    assert unmet(eligibility.clauses(WITH_FINAL, held, RULES)) == []
    more_lab = replace(COMPLETE, minutes={**COMPLETE.minutes, "lab": 900})
    assert [clause.key for clause in unmet(eligibility.clauses(WITH_FINAL, more_lab, RULES))] == ["hours:final"]


def test_an_edition_without_a_final_practical_asks_for_none():
    assert "hours:final" not in {clause.key for clause in eligibility.clauses(EDITION, COMPLETE, RULES)}
