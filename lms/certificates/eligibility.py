"""When may a certificate of completion be issued? Every clause, computed from recorded facts alone. Pure.

Theory counts online and in-class hours together against the edition's plan of both; lab hours count on their own.
A class that was missed is made up by another class of the same kind, so make-up hours need no kind of their own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lms.catalog.types import Edition, Text
from lms.cohorts.rules import EnrolmentState
from lms.hours.rules import Kind

OPEN = frozenset({EnrolmentState.ACTIVE, EnrolmentState.EXTENDED})


class Group(StrEnum):
    """What a clause is about, in the order in which a student is told what is left."""

    LEARNING = "learning"
    SKILLS = "skills"
    HOURS = "hours"
    PAPERS = "papers"


class Why(StrEnum):
    """Which sentence says why a clause does not hold yet."""

    ENROLMENT = "enrolment"
    QUIZ = "quiz"
    SKILL = "skill"
    THEORY = "theory"
    LAB = "lab"
    PENDING = "pending"
    STATEMENT = "statement"
    NAME = "name"
    NAME_OLD = "name_old"
    ADULT = "adult"
    UNBUILT = "unbuilt"


class Standing(StrEnum):
    """Where a student stands on the way to the certificate."""

    READY = "ready"
    LEARNING = "learning"
    SKILLS = "skills"
    HOURS = "hours"
    PAPERS = "papers"
    AWARDED = "awarded"
    ENDED = "ended"


PARTS = ((Why.THEORY, (Kind.THEORY_ONLINE, Kind.THEORY_IN_PERSON)), (Why.LAB, (Kind.LAB,)))


@dataclass(frozen=True, slots=True)
class Rules:
    """What the school asks for, besides what the edition does. `unbuilt` are policies that cannot be met here yet."""

    today: date
    name_days: int
    statements: tuple[str, ...]
    unbuilt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is recorded for one enrolment; days are the school's."""

    state: EnrolmentState
    started_on: date
    name_confirmed_on: date | None
    adult_attested_on: date | None
    minutes: Mapping[str, int]  # approved, by kind
    pending: int  # hours entries that nobody has decided
    last_approved_on: date | None
    quizzes: Mapping[str, date]  # passed, by module
    skills: Mapping[str, date]  # signed as demonstrated
    statements: Mapping[str, date]  # signed, by key


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. `why` and the numbers make the sentence; `since` is the day it became true."""

    key: str
    group: Group
    why: Why
    since: date | None
    about: Text | str = ""
    have: int = 0
    need: int = 0

    @property
    def met(self) -> bool:
        return self.since is not None


def clauses(edition: Edition, evidence: Evidence, rules: Rules) -> list[Clause]:
    return [
        *_learning(edition, evidence),
        *_skills(edition, evidence),
        *_hours(edition, evidence),
        *_papers(evidence, rules),
    ]


def unmet(found: Iterable[Clause]) -> list[Clause]:
    return [clause for clause in found if not clause.met]


def may_issue(found: Collection[Clause]) -> bool:
    return bool(found) and not unmet(found)


def completed_on(found: Sequence[Clause]) -> date:
    """The day on which the last requirement became true. Raises ValueError where one is not."""
    days = [clause.since for clause in found if clause.since is not None]
    if not days or len(days) != len(found):
        raise ValueError("not complete")
    return max(days)


def standing(found: Collection[Clause], state: EnrolmentState, *, holds_certificate: bool) -> Standing:
    if holds_certificate:
        return Standing.AWARDED
    if state is EnrolmentState.WITHDRAWN:
        return Standing.ENDED
    missing = {clause.group for clause in unmet(found)}
    for group in Group:
        if group in missing:
            return Standing(group.value)
    return Standing.READY


def count(found: Iterable[Clause], group: Group) -> tuple[int, int]:
    """How much of a group is done, of how much: clauses, or minutes for hours."""
    mine = [clause for clause in found if clause.group is group]
    if group is not Group.HOURS:
        return sum(clause.met for clause in mine), len(mine)
    return sum(min(c.have, c.need) for c in mine if c.why is not Why.PENDING), sum(c.need for c in mine)


def _learning(edition: Edition, evidence: Evidence) -> Iterator[Clause]:
    for module in edition.modules:
        passed = evidence.quizzes.get(module.id)
        yield Clause(f"quiz:{module.id}", Group.LEARNING, Why.QUIZ, passed, module.title)


def _skills(edition: Edition, evidence: Evidence) -> Iterator[Clause]:
    for skill in edition.skills:
        signed = evidence.skills.get(skill.id)
        yield Clause(f"skill:{skill.id}", Group.SKILLS, Why.SKILL, signed, skill.title)


def _hours(edition: Edition, evidence: Evidence) -> Iterator[Clause]:
    planned = edition.minutes_by_kind
    reached = evidence.last_approved_on or evidence.started_on
    for why, kinds in PARTS:
        have = sum(evidence.minutes.get(kind, 0) for kind in kinds)
        need = sum(planned.get(kind, 0) for kind in kinds)
        yield Clause(f"hours:{why}", Group.HOURS, why, reached if have >= need else None, have=have, need=need)
    nothing_waits = None if evidence.pending else reached
    yield Clause("hours:pending", Group.HOURS, Why.PENDING, nothing_waits, have=evidence.pending)


def _papers(evidence: Evidence, rules: Rules) -> Iterator[Clause]:
    open_ = evidence.state in OPEN or evidence.state is EnrolmentState.AWARDED  # awarded, then revoked
    since = evidence.started_on if open_ else None
    yield Clause("enrolment", Group.PAPERS, Why.ENROLMENT, since, evidence.state.value)
    yield _name(evidence, rules)
    yield Clause("adult", Group.PAPERS, Why.ADULT, evidence.adult_attested_on)
    for key in rules.statements:
        yield Clause(f"statement:{key}", Group.PAPERS, Why.STATEMENT, evidence.statements.get(key), key)
    for key in rules.unbuilt:
        yield Clause(key, Group.PAPERS, Why.UNBUILT, None, key)


def _name(evidence: Evidence, rules: Rules) -> Clause:
    """Identity must be fresh: a confirmation counts for the policy's days."""
    day = evidence.name_confirmed_on
    old = day is not None and rules.today - day > timedelta(days=rules.name_days)
    why = Why.NAME_OLD if old else Why.NAME
    return Clause("name", Group.PAPERS, why, None if old else day, have=rules.name_days)
