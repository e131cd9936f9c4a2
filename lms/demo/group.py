"""What happens to a cohort as a whole, told in days ago: opening, enrolling, classes, their hours, awards."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from lms.catalog.types import Edition
from lms.certificates import service as certificates
from lms.certificates.rules import Reason
from lms.cohorts import service as cohorts
from lms.cohorts.rules import LEARNING, CohortState
from lms.demo.people import ADMIN, Person
from lms.demo.world import World
from lms.hours import service as hours
from lms.hours.rules import Kind

BREAK = 5  # minutes between two classes of an evening
LONGEST_EVENING = 210


@dataclass(frozen=True)
class Class:
    """One class of an evening; the final practical is none of a module's."""

    kind: Kind
    minutes: int
    session_id: str | None


Evening = tuple[Class, ...]


def evenings(edition: Edition, modules: Collection[str] | None = None) -> list[Evening]:
    """The classes of these modules, or of the whole course and its final practical, packed in their order."""
    packed: list[list[Class]] = [[]]
    for module in edition.modules:
        for row in module.sessions if modules is None or module.id in modules else ():
            if sum(one.minutes + BREAK for one in packed[-1]) + row.minutes > LONGEST_EVENING:
                packed.append([])
            packed[-1].append(Class(Kind(row.kind.value), row.minutes, row.id))
    if modules is None and edition.final_practical:
        packed.append([Class(Kind.FINAL_PRACTICAL, edition.final_practical.minutes, None)])
    return [tuple(evening) for evening in packed if evening]


@dataclass(frozen=True)
class Plan:
    """When a cohort runs, in days ago; what lies ahead is less than none."""

    name: str
    room: str
    planned: int
    starts: int
    ends: int
    instructors: tuple[Person, ...]


class Group:
    def __init__(self, world: World, plan: Plan) -> None:
        self.world, self.plan, self.cohort_id = world, plan, 0
        self.entries: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        # hours entries by evening (days ago) and enrolment
        line = world.timeline
        line.add(line.moment(line.school_day(plan.planned), 9), self._create)
        line.add(line.moment(line.school_day(plan.planned - 1), 9), lambda: self._move(CohortState.OPEN))

    def _create(self) -> None:
        day, people = self.world.timeline.day, self.world.people
        self.cohort_id = cohorts.create(
            name=self.plan.name,
            course_version_id=self.world.course_version_id,
            starts_on=day(self.plan.starts),
            ends_on=day(self.plan.ends),
            room=self.plan.room,
            instructors=[people[person] for person in self.plan.instructors],
            by=people[ADMIN],
        ).id

    def _move(self, state: CohortState) -> None:
        cohorts.move_cohort(self.cohort_id, state, by=self.world.people[ADMIN])

    def _office(self, days_ago: int, hour: int, minute: float = 0) -> datetime:
        return self.world.timeline.moment(self.world.timeline.school_day(days_ago), hour, minute)

    # ---- people
    def enrols(self, people: Sequence[Person], days_ago: int) -> None:
        for number, person in enumerate(people):
            self.world.timeline.add(self._office(days_ago, 10, 4 * number), lambda person=person: self._enrol(person))

    def _enrol(self, person: Person) -> None:
        if person not in self.world.people:
            self.world.add(person, by=ADMIN)
        row = cohorts.enrol(self.cohort_id, self.world.people[person], by=self.world.people[ADMIN])
        self.world.enrolments[person] = row.id

    def enrols_on_paper(self, name: str, days_ago: int) -> None:
        """Without e-mail: the invitation waits as a slip to print."""
        self.world.timeline.add(self._office(days_ago, 11), lambda: self._enrol_on_paper(name))

    def _enrol_on_paper(self, name: str) -> None:
        by = self.world.people[ADMIN]
        cohorts.enrol_new(self.cohort_id, legal_name=name, email=None, locale="es", by=by)

    def starts(self, days_ago: int) -> None:
        self.world.timeline.add(self._office(days_ago, 11), lambda: self._move(CohortState.RUNNING))

    def closes(self, days_ago: int) -> None:
        self.world.timeline.add(self._office(days_ago, 11), lambda: self._move(CohortState.CLOSED))

    # ---- classes
    def meets(
        self,
        days_ago: int,
        evening: Evening,
        *,
        led_by: Person,
        absent: Collection[Person] = (),
        left_early: Mapping[Person, int] = MappingProxyType({}),
    ) -> None:
        """One class after the other; whoever led them writes the roster. `left_early`: minutes missed of the last."""
        begins, roster = self._office(days_ago, 18), list[tuple[Class, datetime]]()
        for one in evening:
            roster.append((one, begins))
            begins += timedelta(minutes=one.minutes + BREAK)
        missed = {**dict.fromkeys(absent, 0), **left_early}
        self.world.timeline.add(begins, lambda: self._write_roster(days_ago, roster, led_by, missed))

    def _write_roster(
        self, days_ago: int, roster: Sequence[tuple[Class, datetime]], led_by: Person, missed: Mapping[Person, int]
    ) -> None:
        there = {row.id for row in cohorts.people_of(self.cohort_id) if row.state in LEARNING}
        short = {self.world.enrolments[person]: minutes for person, minutes in missed.items()}
        there -= {enrolment_id for enrolment_id, minutes in short.items() if not minutes}
        for taught, begins in roster:
            early = short if taught is roster[-1][0] else {}
            minutes = {one: taught.minutes - early.get(one, 0) for one in sorted(there)}
            entries = hours.propose_roster(
                self.cohort_id,
                kind=taught.kind,
                held_on=begins.date(),
                starts=begins,
                ends=begins + timedelta(minutes=taught.minutes),
                minutes=minutes,
                session_id=taught.session_id,
                by=self.world.people[led_by],
            )
            for entry in entries:
                self.entries[days_ago][entry.enrolment_id].append(entry.id)

    def decides(
        self,
        evening: int,
        days_ago: int,
        *,
        by: Person,
        only: Collection[Person] | None = None,
        rejects: Collection[Person] = (),
    ) -> None:
        """The hours of that evening are approved, of everybody or `only` some; those of `rejects` are rejected."""
        line = self.world.timeline
        line.add(line.moment(line.day(days_ago), 8, 40), lambda: self._decide(evening, by, only, rejects))

    def _decide(self, evening: int, by: Person, only: Collection[Person] | None, rejects: Collection[Person]) -> None:
        refused = {self.world.enrolments[person] for person in rejects}
        wanted = None if only is None else {self.world.enrolments[person] for person in only}
        for enrolment_id, entries in self.entries[evening].items():
            if wanted is None or enrolment_id in wanted:
                hours.decide(entries, approved=enrolment_id not in refused, by=self.world.people[by])

    # ---- certificates
    def awards(self, people: Sequence[Person], days_ago: int, *, by: Person) -> None:
        for number, person in enumerate(people):
            self.world.timeline.add(
                self._office(days_ago, 14, 4 * number), lambda person=person: self._award(person, by)
            )

    def _award(self, person: Person, by: Person) -> None:
        issued = certificates.issue(self.world.enrolments[person], language=person.language, by=self.world.people[by])
        self.world.begun[person, "certificate"] = issued.id

    def revokes(self, person: Person, days_ago: int, *, reason: Reason, words: str, by: Person) -> None:
        self.world.timeline.add(
            self._office(days_ago, 14, 30),
            lambda: certificates.revoke(
                self.world.begun[person, "certificate"], reason=reason, words=words, by=self.world.people[by]
            ),
        )
