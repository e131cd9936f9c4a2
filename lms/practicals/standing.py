"""Which sheet counts for each student and skill, and what may be tried next."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.catalog import service as catalog
from lms.catalog.types import Skill
from lms.cohorts.models import Enrolment
from lms.db import db
from lms.practicals import rules
from lms.practicals.models import Sheet
from lms.practicals.rules import Opening, State, Verdict
from lms.quizzes import service as quizzes
from lms.school import service as school

Sheets = Mapping[str, Sequence[Sheet]]


@dataclass(frozen=True)
class SkillStanding:
    """One student and one skill."""

    skill: Skill
    state: State
    opening: Opening
    newest: Sheet | None  # the signed sheet that counts, with its examiner and answer
    unsigned: Sheet | None  # the one under way


def signed_skills(enrolment_ids: Iterable[int]) -> dict[int, set[str]]:
    """{enrolment: skills demonstrated}, by the newest correction of the newest signed try."""
    ids = list(enrolment_ids)
    query = select(Sheet.enrolment_id, Sheet.skill_id, Sheet.verdict)
    query = query.where(Sheet.enrolment_id.in_(ids), Sheet.signed_at.is_not(None))
    last = {(row[0], row[1]): row[2] for row in db.session.execute(query.order_by(Sheet.number, Sheet.revision))}
    found: dict[int, set[str]] = {one: set() for one in ids}
    for (enrolment_id, skill_id), verdict in last.items():
        if verdict == Verdict.DEMONSTRATED:
            found[enrolment_id].add(skill_id)
    return found


def standing(enrolment: Enrolment) -> list[SkillStanding]:
    return standings([enrolment])[enrolment.id]


def standings(enrolments: Sequence[Enrolment]) -> dict[int, list[SkillStanding]]:
    """Everybody's skills in the order of the course, in as many queries as for one person."""
    editions = {version: catalog.edition(version) for version in {one.course_version_id for one in enrolments}}
    ids = [one.id for one in enrolments]
    sheets, passed = _sheets(ids), quizzes.passed_modules(ids)
    allowed: int = school.policy("skill_tries")
    return {
        one.id: _standing(editions[one.course_version_id].skills, sheets[one.id], passed.get(one.id, set()), allowed)
        for one in enrolments
    }


def _sheets(enrolment_ids: list[int]) -> dict[int, dict[str, list[Sheet]]]:
    query = select(Sheet).where(Sheet.enrolment_id.in_(enrolment_ids))
    query = query.options(joinedload(Sheet.examiner), joinedload(Sheet.answer))
    found: dict[int, dict[str, list[Sheet]]] = defaultdict(lambda: defaultdict(list))
    for row in db.session.scalars(query.order_by(Sheet.number, Sheet.revision)):
        found[row.enrolment_id][row.skill_id].append(row)
    return found


def _standing(skills: Sequence[Skill], sheets: Sheets, passed: set[str], allowed: int) -> list[SkillStanding]:
    newest = {key: signed[-1] for key, rows in sheets.items() if (signed := [row for row in rows if row.signed_at])}
    shown = {key for key, sheet in newest.items() if sheet.verdict == Verdict.DEMONSTRATED}
    return [_of(skill, sheets, newest.get(skill.id), passed, shown, allowed) for skill in skills]


def _of(
    skill: Skill, sheets: Sheets, newest: Sheet | None, passed: set[str], shown: set[str], allowed: int
) -> SkillStanding:
    rows = sheets.get(skill.id, ())
    tries = sum(row.signed_at is not None and row.amends_id is None for row in rows)
    opening = rules.opening(skill, passed=passed, shown=shown, tries=tries, allowed=allowed)
    verdict = Verdict(newest.verdict) if newest and newest.verdict else None
    answered = newest is not None and newest.answer is not None
    return SkillStanding(
        skill=skill,
        state=rules.state(verdict, answered=answered, is_open=opening.is_open),
        opening=opening,
        newest=newest,
        unsigned=next((row for row in rows if row.signed_at is None), None),
    )
