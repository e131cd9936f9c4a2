"""When may a certificate of completion be issued? Every clause, computed from recorded facts alone. Pure.

Theory counts online and in-class hours together against the edition's plan of both; lab hours count on their own,
and so do those of a final practical where the edition has one. A class that was missed is made up by another class of
the same kind, so make-up hours need no kind of their own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from lms.catalog.text import Text
from lms.catalog.types import Edition
from lms.cohorts.rules import EnrolmentState
from lms.hours.rules import Kind

# awarded: when a certificate is revoked, the enrolment stays so
OPEN = frozenset({EnrolmentState.ACTIVE, EnrolmentState.EXTENDED, EnrolmentState.AWARDED})


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
    FINAL = "final"
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


PARTS = (
    (Why.THEORY, (Kind.THEORY_ONLINE, Kind.THEORY_IN_PERSON)),
    (Why.LAB, (Kind.LAB,)),
    (Why.FINAL, (Kind.FINAL_PRACTICAL,)),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the school asks for, besides what the edition does. `unbuilt` are policies that cannot be met here yet."""

    today: date
    name_days: int
    statements: tuple[str, ...]
    unbuilt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What is recorded for one enrolment, as far as it decides whether something is missing."""

    state: EnrolmentState
    name_confirmed_on: date | None
    adult_attested_on: date | None
    minutes: Mapping[str, int]  # approved, by kind
    pending: int  # hours entries that nobody has decided
    quizzes: Collection[str]  # modules whose quiz is passed
    skills: Collection[str]  # signed as demonstrated
    statements: Collection[str]  # keys of those signed


@dataclass(frozen=True, slots=True)
class Evidence(Outline):
    """The same with the days on which things became true; days are the school's."""

    started_on: date
    last_approved_on: date | None
    quizzes: Mapping[str, date]
    skills: Mapping[str, date]
    statements: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Needs:
    """What an edition asks for, worked out once for all who are judged by it."""

    modules: frozenset[str]
    skills: frozenset[str]
    hours: tuple[tuple[Why, tuple[Kind, ...], int], ...]  # minutes of these kinds together


class Clause(NamedTuple):
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


def needs_of(edition: Edition) -> Needs:
    planned = edition.minutes_by_kind
    return Needs(
        modules=frozenset(module.id for module in edition.modules),
        skills=frozenset(skill.id for skill in edition.skills),
        hours=tuple(
            (why, kinds, need)
            for why, kinds in PARTS
            if (need := sum(planned.get(kind, 0) for kind in kinds)) or why is not Why.FINAL
        ),
    )


def clauses(edition: Edition, evidence: Evidence, rules: Rules, needs: Needs | None = None) -> list[Clause]:
    """`needs` are the edition's, from who judges many by it."""
    return [
        *_learning(edition, evidence),
        *_skills(edition, evidence),
        *_hours(needs or needs_of(edition), evidence),
        *_papers(evidence, rules),
    ]


def shortfall(needs: Needs, known: Outline, rules: Rules) -> Group | None:
    """The first group of which a clause does not hold, found without making one."""
    if not needs.modules.issubset(known.quizzes):
        return Group.LEARNING
    if not needs.skills.issubset(known.skills):
        return Group.SKILLS
    if known.pending or any(_minutes(known, kinds) < need for _why, kinds, need in needs.hours):
        return Group.HOURS
    return None if _papers_hold(known, rules) else Group.PAPERS


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


def settled(
    needs: Needs, state: EnrolmentState, quizzes: Collection[str], *, holds_certificate: bool
) -> Standing | None:
    """Where a student stands, if it takes no look at skills, hours and papers to say so."""
    if holds_certificate:
        return Standing.AWARDED
    if state is EnrolmentState.WITHDRAWN:
        return Standing.ENDED
    return None if needs.modules.issubset(quizzes) else Standing.LEARNING


def standing(needs: Needs, known: Outline, rules: Rules, *, holds_certificate: bool) -> Standing:
    if early := settled(needs, known.state, known.quizzes, holds_certificate=holds_certificate):
        return early
    missing = shortfall(needs, known, rules)
    return Standing(missing.value) if missing else Standing.READY


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


def _minutes(known: Outline, kinds: Iterable[Kind]) -> int:
    return sum(known.minutes.get(kind, 0) for kind in kinds)


def _hours(needs: Needs, evidence: Evidence) -> Iterator[Clause]:
    reached = evidence.last_approved_on or evidence.started_on
    for why, kinds, need in needs.hours:
        have = _minutes(evidence, kinds)
        yield Clause(f"hours:{why}", Group.HOURS, why, reached if have >= need else None, have=have, need=need)
    nothing_waits = None if evidence.pending else reached
    yield Clause("hours:pending", Group.HOURS, Why.PENDING, nothing_waits, have=evidence.pending)


def _papers(evidence: Evidence, rules: Rules) -> Iterator[Clause]:
    since = evidence.started_on if evidence.state in OPEN else None
    yield Clause("enrolment", Group.PAPERS, Why.ENROLMENT, since, evidence.state.value)
    yield _name(evidence, rules)
    yield Clause("adult", Group.PAPERS, Why.ADULT, evidence.adult_attested_on)
    for key in rules.statements:
        yield Clause(f"statement:{key}", Group.PAPERS, Why.STATEMENT, evidence.statements.get(key), key)
    for key in rules.unbuilt:
        yield Clause(key, Group.PAPERS, Why.UNBUILT, None, key)


def _name(evidence: Evidence, rules: Rules) -> Clause:
    day, old = evidence.name_confirmed_on, _name_is_old(evidence, rules)
    why = Why.NAME_OLD if old else Why.NAME
    return Clause("name", Group.PAPERS, why, None if old else day, have=rules.name_days)


def _name_is_old(known: Outline, rules: Rules) -> bool:
    """Identity must be fresh: a confirmation counts for the policy's days."""
    day = known.name_confirmed_on
    return day is not None and rules.today - day > timedelta(days=rules.name_days)


def _papers_hold(known: Outline, rules: Rules) -> bool:
    return (
        known.state in OPEN
        and known.name_confirmed_on is not None
        and not _name_is_old(known, rules)
        and known.adult_attested_on is not None
        and all(key in known.statements for key in rules.statements)
        and not rules.unbuilt
    )
