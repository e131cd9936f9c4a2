"""Which sheet counts for each student and skill, and what may be tried next."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.types import Skill
from lms.cohorts.models import Enrolment
from lms.db import db
from lms.practicals import rules
from lms.practicals.models import Countersignature, Sheet
from lms.practicals.rules import Opening, State, Verdict
from lms.quizzes import service as quizzes
from lms.school import service as school


class SheetLine(NamedTuple):
    """A sheet as lists of skills show it."""

    id: int
    number: int
    opened_at: datetime
    signed_at: datetime | None
    verdict: str | None
    entry_seq: int | None
    amends_id: int | None
    examiner: str
    answered_at: datetime | None
    agreed: bool | None  # the student's answer


Sheets = Mapping[str, Sequence[SheetLine]]
COLUMNS = (
    Sheet.id,
    Sheet.number,
    Sheet.opened_at,
    Sheet.signed_at,
    Sheet.verdict,
    Sheet.entry_seq,
    Sheet.amends_id,
    User.legal_name,
    Countersignature.at,
    Countersignature.agreed,
)
LINES = (
    select(Sheet.enrolment_id, Sheet.skill_id, *COLUMNS)
    .join(User, User.id == Sheet.examiner_id)
    .outerjoin(Countersignature, Countersignature.sheet_id == Sheet.id)
    .where(Sheet.enrolment_id.in_(bindparam("enrolments", expanding=True)))
    .order_by(Sheet.number, Sheet.revision)
)


@dataclass(frozen=True)
class SkillStanding:
    """One student and one skill."""

    skill: Skill
    state: State
    opening: Opening
    newest: SheetLine | None  # the signed sheet that counts
    unsigned: SheetLine | None  # the one under way
    shown_at: datetime | None


def signed_on(enrolment_ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """{enrolment: {skill demonstrated: when}}, by the newest correction of the newest signed try."""
    found: dict[int, dict[str, datetime]] = {one: {} for one in enrolment_ids}
    query = select(Sheet.enrolment_id, Sheet.skill_id, Sheet.verdict, Sheet.signed_at)
    query = query.where(Sheet.enrolment_id.in_(list(found)), Sheet.signed_at.is_not(None))
    query = query.order_by(Sheet.enrolment_id, Sheet.skill_id, Sheet.number, Sheet.revision)  # as their index lies
    for enrolment_id, skill_id, verdict, at in db.session.execute(query):
        shown = found[enrolment_id]
        at = rules.shown_at(shown.pop(skill_id, None), verdict, at)
        if at is not None:
            shown[skill_id] = at
    return found


def signed_skills(enrolment_ids: Iterable[int]) -> dict[int, set[str]]:
    """{enrolment: skills demonstrated}."""
    return {one: set(days) for one, days in signed_on(enrolment_ids).items()}


def standing(enrolment: Enrolment, passed: Collection[str] | None = None) -> list[SkillStanding]:
    """`passed` are the modules whose quiz is passed, from who has read them already."""
    known = None if passed is None else {enrolment.id: passed}
    return standings([enrolment], known)[enrolment.id]


def standings(
    enrolments: Sequence[Enrolment], passed: Mapping[int, Collection[str]] | None = None
) -> dict[int, list[SkillStanding]]:
    """Everybody's skills in the order of the course, in as many queries as for one person."""
    editions = {version: catalog.edition(version) for version in {one.course_version_id for one in enrolments}}
    ids = [one.id for one in enrolments]
    sheets, known = _sheets(ids), quizzes.passed_modules(ids) if passed is None else passed
    allowed: int = school.policy("skill_tries")
    return {
        one.id: _standing(editions[one.course_version_id].skills, sheets[one.id], known[one.id], allowed)
        for one in enrolments
    }


def _sheets(enrolment_ids: list[int]) -> dict[int, dict[str, list[SheetLine]]]:
    found: dict[int, dict[str, list[SheetLine]]] = defaultdict(lambda: defaultdict(list))
    for enrolment_id, skill_id, *columns in db.session.execute(LINES, {"enrolments": enrolment_ids}):
        found[enrolment_id][skill_id].append(SheetLine._make(columns))
    return found


def _standing(skills: Sequence[Skill], sheets: Sheets, passed: Collection[str], allowed: int) -> list[SkillStanding]:
    shown = {key: at for key, rows in sheets.items() if (at := _shown_at(rows)) is not None}
    return [_of(skill, sheets.get(skill.id, ()), passed, shown, allowed) for skill in skills]


def _shown_at(rows: Sequence[SheetLine]) -> datetime | None:
    at = None
    for row in rows:
        at = rules.shown_at(at, row.verdict, row.signed_at)
    return at


def _of(
    skill: Skill,
    rows: Sequence[SheetLine],
    passed: Collection[str],
    shown: Mapping[str, datetime],
    allowed: int,
) -> SkillStanding:
    signed = [row for row in rows if row.signed_at is not None]
    newest = signed[-1] if signed else None
    tries = sum(row.amends_id is None for row in signed)
    opening = rules.opening(skill, passed=passed, shown=shown.keys(), tries=tries, allowed=allowed)
    verdict = Verdict(newest.verdict) if newest and newest.verdict else None
    answered = newest is not None and newest.answered_at is not None
    return SkillStanding(
        skill=skill,
        state=rules.state(verdict, answered=answered, is_open=opening.is_open),
        opening=opening,
        newest=newest,
        unsigned=next((row for row in rows if row.signed_at is None), None),
        shown_at=shown.get(skill.id),
    )
