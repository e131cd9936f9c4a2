"""What the first page of each role shows, gathered in a number of queries that does not grow with the school."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import service as accounts
from lms.accounts.models import AccessToken, User
from lms.catalog import service as catalog
from lms.catalog.types import Edition, Lesson, Module, Skill
from lms.certificates import eligibility, evidence
from lms.certificates import service as certificates
from lms.certificates.eligibility import Clause, Group, Standing
from lms.certificates.evidence import Reached
from lms.certificates.held import Held
from lms.certificates.models import Certificate
from lms.cohorts import roll
from lms.cohorts import service as cohorts
from lms.cohorts.models import Cohort, Enrolment
from lms.cohorts.roll import Enrolled
from lms.cohorts.rules import LEARNING, CohortState, EnrolmentState
from lms.courses import rules as reading
from lms.courses import service as courses
from lms.courses.rules import ModuleProgress, Place, StepKey
from lms.db import db
from lms.home.rules import Situation, Thing, things
from lms.hours import service as hours
from lms.ledger import service as ledger
from lms.practicals import service as practicals
from lms.practicals.models import Sheet, StepMark
from lms.practicals.rules import State
from lms.practicals.service import SkillStanding
from lms.practicals.standing import SheetLine
from lms.quizzes import service as quizzes
from lms.quizzes.rules import refusal
from lms.quizzes.types import Standing as QuizStanding
from lms.school.models import Statement


@dataclass(frozen=True)
class StudentHome:
    enrolment: Enrolment
    edition: Edition
    things: list[Thing]
    place: Place | None
    module: Module | None
    lesson: Lesson | None
    steps_done: int
    lessons: ModuleProgress
    skills: list[SkillStanding]
    statements: dict[str, Statement]
    clauses: list[Clause]
    feedback: tuple[SheetLine, Skill, str] | None
    certificate: Held | None

    def count(self, group: Group) -> tuple[int, int]:
        return eligibility.count(self.clauses, group)


def student(user: User) -> StudentHome | None:
    """None for a student whom no cohort has yet."""
    enrolment = cohorts.current_enrolment(user)
    if enrolment is None:
        return None
    edition = catalog.edition(enrolment.course_version_id)
    done = courses.steps_done(enrolment.id)
    place = _open_place(edition, done, courses.next_step(enrolment, done))
    module = edition.module(place.module_id) if place else None
    lesson = module.lesson(place.lesson_id) if module and place else None
    quiz_standings = quizzes.standings(enrolment)
    passed = {module_id: at for module_id, one in quiz_standings.items() if (at := one.passed_at)}
    skills = practicals.standing(enrolment, passed)
    signed = cohorts.statements_signed_on([enrolment.id])
    statements = {str(row.id): row for row in cohorts.statements_to_sign(enrolment, signed[enrolment.id])}
    certificate = _certificate(enrolment)
    progress = [reading.module_progress(m, done) for m in edition.modules]
    situation = _situation(user, enrolment, list(statements), skills, place is not None, certificate is not None)
    attempt, startable = _quizzes(quiz_standings, enrolment, edition, done)
    return StudentHome(
        enrolment=enrolment,
        edition=edition,
        things=things(replace(situation, attempt=attempt, quizzes=startable)),
        place=place,
        module=module,
        lesson=lesson,
        steps_done=len(lesson.steps) - reading.steps_left(lesson, done) if lesson else 0,
        lessons=ModuleProgress(sum(p.done for p in progress), sum(p.total for p in progress)),
        skills=skills,
        statements=statements,
        clauses=_clauses(roll.of(enrolment, user), passed, skills, signed),
        feedback=_feedback(skills),
        certificate=certificate,
    )


def _clauses(
    row: Enrolled, passed: Mapping[str, datetime], skills: Sequence[SkillStanding], signed: Reached
) -> list[Clause]:
    """From what this page has read already."""
    shown = {row.skill.id: row.shown_at for row in skills if row.shown_at}
    known = {"quizzes": {row.id: passed}, "skills": {row.id: shown}}
    return evidence.gather([row], **known, statements=signed).clauses(row)


def _certificate(enrolment: Enrolment) -> Held | None:
    """Issuing awards the enrolment, which then stays so: nobody else needs to be looked up."""
    if enrolment.state is not EnrolmentState.AWARDED:
        return None
    return certificates.held([enrolment.id]).get(enrolment.id)


def _open_place(edition: Edition, done: set[StepKey], place: Place | None) -> Place | None:
    """The next step, unless its module still waits for another one."""
    if place and reading.waits_for(edition.module(place.module_id), edition, done):
        return None
    return place


def _situation(
    user: User,
    enrolment: Enrolment,
    statements: Sequence[str],
    skills: Sequence[SkillStanding],
    lesson_left: bool,
    certificate: bool,
) -> Situation:
    if enrolment.state not in LEARNING:
        return Situation(certificate=certificate)
    return Situation(
        statements=statements,
        name_confirmed=accounts.name_is_fresh(user),
        adult_attested=user.adult_attested_at is not None,
        answers=[str(row.newest.id) for row in skills if row.newest and row.newest.answered_at is None],
        lesson_left=lesson_left,
        skills=[row.skill.id for row in skills if _may_be_watched(row)],
        certificate=certificate,
    )


def _may_be_watched(row: SkillStanding) -> bool:
    return row.state in (State.NONE, State.NOT_YET) and row.opening.is_open


def _quizzes(
    standings: Mapping[str, QuizStanding], enrolment: Enrolment, edition: Edition, done: set[StepKey]
) -> tuple[str | None, list[str]]:
    """The open attempt, and the modules whose quiz may be started now."""
    attempt = next((str(one.open_attempt_id) for one in standings.values() if one.open_attempt_id), None)
    passed = {module_id for module_id, one in standings.items() if one.passed}
    startable = [
        module.id
        for module in edition.modules
        if not standings[module.id].open_attempt_id
        and not refusal(
            standings[module.id],
            module,
            edition,
            learning=enrolment.state in LEARNING,
            steps=done,
            passed=passed,
            now=clock.now(),
        )
    ]
    return attempt, startable


def _feedback(skills: Sequence[SkillStanding]) -> tuple[SheetLine, Skill, str] | None:
    """The newest words of an examiner."""
    signed = [(row.newest, row.skill) for row in skills if row.newest and row.newest.entry_seq]
    if not signed:
        return None
    sheet, skill = max(signed, key=lambda pair: pair[0].signed_at or pair[0].opened_at)
    words = ledger.values(sheet.entry_seq or 0).get("comment", "")
    return (sheet, skill, words) if words else None


@dataclass(frozen=True)
class OpenSheet:
    sheet: Sheet
    skill: Skill
    marked: int

    @property
    def left(self) -> int:
        return len(self.skill.steps) - self.marked


@dataclass(frozen=True)
class ReadyRow:
    enrolment: Enrolment
    skills: list[Skill]


@dataclass(frozen=True)
class InstructorHome:
    open_sheets: list[OpenSheet]
    cohorts: list[tuple[Cohort, list[ReadyRow]]]
    hours_waiting: int


def instructor(user: User) -> InstructorHome:
    running = cohorts.visible_to(user).where(Cohort.state == CohortState.RUNNING).order_by(Cohort.starts_on, Cohort.id)
    rows = list(db.session.scalars(running))
    people = cohorts.people_of_all([row.id for row in rows])
    learning = [p for p in people if p.state in LEARNING]
    standings = practicals.standings(learning)
    ready = {p.id: [row.skill for row in standings[p.id] if _may_be_watched(row)] for p in learning}
    grouped = [(c, [ReadyRow(p, ready[p.id]) for p in learning if p.cohort_id == c.id and ready[p.id]]) for c in rows]
    return InstructorHome(_open_sheets(user), grouped, hours.waiting_count(user))


def _open_sheets(user: User) -> list[OpenSheet]:
    marks = select(func.count()).where(StepMark.sheet_id == Sheet.id).scalar_subquery()
    query = select(Sheet, marks).where(Sheet.examiner_id == user.id, Sheet.signed_at.is_(None))
    query = query.options(joinedload(Sheet.enrolment).joinedload(Enrolment.user)).order_by(Sheet.opened_at)
    found = []
    for sheet, marked in db.session.execute(query):
        skill = catalog.edition(sheet.enrolment.course_version_id).skill(sheet.skill_id)
        found.append(OpenSheet(sheet, skill, marked))
    return found


@dataclass(frozen=True)
class CohortReadiness:
    cohort: Cohort
    standings: dict[Standing, int]

    @property
    def people(self) -> int:
        return sum(self.standings.values())


@dataclass(frozen=True)
class OfficeHome:
    cohorts: list[CohortReadiness]
    hours_waiting: int
    unanswered_invitations: int
    certificates: int

    @property
    def ready(self) -> int:
        return sum(row.standings.get(Standing.READY, 0) for row in self.cohorts)

    @property
    def ready_in(self) -> Cohort | None:
        """The first cohort that has somebody ready."""
        return next((row.cohort for row in self.cohorts if row.standings.get(Standing.READY)), None)


def office(user: User) -> OfficeHome:
    """For admins and auditors: where each cohort stands and what waits."""
    under_way = cohorts.visible_to(user).where(Cohort.state.in_([CohortState.OPEN, CohortState.RUNNING]))
    rows = list(db.session.scalars(under_way.order_by(Cohort.starts_on, Cohort.id)))
    people = roll.enrolled_in([row.id for row in rows])
    ids = [row.id for row in people]
    found = evidence.standings(people, quizzes.passed_on(ids), certificates.held(ids))
    counted = [CohortReadiness(row, _counted(found[p.id] for p in people if p.cohort_id == row.id)) for row in rows]
    open_invitations = select(func.count(func.distinct(AccessToken.user_id))).where(
        AccessToken.kind == "invitation", AccessToken.used_at.is_(None)
    )
    return OfficeHome(
        cohorts=counted,
        hours_waiting=hours.waiting_count(user),
        unanswered_invitations=db.session.execute(open_invitations).scalar_one(),
        certificates=db.session.execute(select(func.count()).select_from(Certificate)).scalar_one(),
    )


def _counted(standings: Iterable[Standing]) -> dict[Standing, int]:
    found: dict[Standing, int] = {}
    for standing in standings:
        found[standing] = found.get(standing, 0) + 1
    return found
