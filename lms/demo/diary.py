"""What one student does, told in days ago; each line becomes acts on the timeline."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from lms import clock
from lms.accounts import service as accounts
from lms.catalog.items import Item, ItemType
from lms.catalog.types import Lesson, Module
from lms.cohorts import service as cohorts
from lms.cohorts.rules import EnrolmentState, MoveReason
from lms.courses import service as courses
from lms.courses.rules import Place
from lms.demo.people import ADMIN, Person
from lms.demo.world import World
from lms.hours import service as hours
from lms.practicals import service as practicals
from lms.practicals.rules import Changes, Mark, Proof
from lms.quizzes import service as quizzes
from lms.quizzes.models import Attempt

LONGEST_PAUSE = timedelta(minutes=4.8)  # under the school's idle limit, so that all of it counts
ANSWER_EVERY = timedelta(seconds=50)
Step = Callable[[], object]


class Diary:
    def __init__(self, world: World, person: Person, *, late: int, pace: float = 1.0) -> None:
        """`late`: minutes after the hour, so that not everybody does everything at the same time."""
        self.world, self.person, self.late, self.pace = world, person, late, pace

    @property
    def user_id(self) -> int:
        return self.world.people[self.person]

    @property
    def enrolment_id(self) -> int:
        return self.world.enrolments[self.person]

    def _add(self, days_ago: int, hour: int, minute: float, act: Step, *, at_school: bool = False) -> datetime:
        line = self.world.timeline
        day = line.school_day(days_ago) if at_school else line.day(days_ago)
        moment = line.moment(day, hour, minute + self.late)
        line.add(moment, act)
        return moment

    # ---- papers
    def signs_statements(self, days_ago: int) -> None:
        """Also says that they are 18 or older."""
        self._add(days_ago, 12, 0, lambda: accounts.attest_adult(self.user_id, by=self.user_id))
        for number, key in enumerate(cohorts.STATEMENT_KEYS, 1):
            self._add(days_ago, 12, number, lambda key=key: self._sign_statement(key))

    def _sign_statement(self, key: str) -> None:
        text = next(one for one in cohorts.statements_to_sign(self._enrolment()) if one.key == key)
        cohorts.sign_statement(self.enrolment_id, text.id, language=self.person.language, by=self.user_id)

    def _enrolment(self) -> cohorts.Enrolment:
        return cohorts.enrolment(self.enrolment_id, for_=accounts.person(self.user_id))

    def confirms_name(self, days_ago: int) -> None:
        self._add(
            days_ago,
            12,
            8,
            lambda: accounts.confirm_legal_name(
                self.user_id, self.person.name, by=self.user_id, second_name=self.person.second_name
            ),
        )

    def moves(self, days_ago: int, state: EnrolmentState, reason: MoveReason) -> None:
        office = self.world.people
        self._add(
            days_ago,
            10,
            0,
            lambda: cohorts.move(self.enrolment_id, state, by=office[ADMIN], reason=reason),
        )

    # ---- reading
    def reads(self, module_id: str, days_ago: int, *, lessons: int | None = None, steps: int | None = None) -> None:
        """A lesson a day from that day on; of the last one only some `steps`."""
        chosen = self.world.edition.module(module_id).lessons[:lessons]
        for number, lesson in enumerate(chosen):
            some = steps if lesson is chosen[-1] else None
            self._add(days_ago - number, 16, 0, lambda lesson=lesson, some=some: self._read(lesson, some))

    def _read(self, lesson: Lesson, steps: int | None) -> None:
        begun = clock.now()
        courses.beat(self.enrolment_id, lesson.module_id, lesson.id, by=self.user_id)
        pause = timedelta(minutes=lesson.total_minutes) * self.pace / len(lesson.steps)
        for number, step in enumerate(lesson.steps[:steps], 1):
            with clock.at(begun + number * min(pause, LONGEST_PAUSE)):
                place = Place(lesson.module_id, lesson.id, step.id)
                courses.pass_step(self.enrolment_id, place, by=self.user_id)

    def reading_counts(self, days_ago: int, *, by: Person, approved: bool) -> None:
        """An instructor proposes the recorded reading as hours, and approves it the next day."""
        key, staff = (self.person, f"reading {days_ago}"), self.world.people
        self._add(days_ago, 9, 0, lambda: self._propose_reading(key[1], staff[by]))
        if approved:
            self._add(days_ago - 1, 9, 0, lambda: self._approve_reading(key[1], staff[by]))

    def _propose_reading(self, key: str, by: int) -> None:
        for number, entry in enumerate(hours.propose_activity(self.enrolment_id, by=by)):
            self.world.begun[self.person, f"{key} {number}"] = entry.id

    def _approve_reading(self, key: str, by: int) -> None:
        mine = [i for (who, what), i in self.world.begun.items() if who == self.person and what.startswith(key)]
        hours.decide(mine, approved=True, by=by)

    # ---- quizzes
    def quiz(self, module_id: str, days_ago: int, *, right: int) -> None:
        """Every question is answered, as many `right`, and the quiz handed in."""
        questions = self.world.edition.module(module_id).quiz.draw
        begun = self.opens_quiz(module_id, days_ago, right=right, answered=questions)
        handed_in = begun + (questions + 2) * ANSWER_EVERY
        key = (self.person, module_id)
        self.world.timeline.add(handed_in, lambda: quizzes.submit(self.world.begun[key], by=self.user_id))

    def opens_quiz(self, module_id: str, days_ago: int, *, right: int, answered: int) -> datetime:
        """So many questions are answered, as many of them `right`; the quiz stays open."""
        return self._add(days_ago, 17, 0, lambda: self._answer(module_id, right, answered))

    def _answer(self, module_id: str, right: int, answered: int) -> None:
        attempt = quizzes.start(self.enrolment_id, module_id, by=self.user_id)
        self.world.begun[self.person, module_id] = attempt.id
        self._save(attempt, self.world.edition.module(module_id), right, answered)

    def _save(self, attempt: Attempt, module: Module, right: int, answered: int) -> None:
        attempt_id, begun, asked = attempt.id, clock.now(), [line["item"] for line in attempt.form[:answered]]
        for number, item_id in enumerate(asked, 1):
            item = module.item(item_id)
            answer = right_answer(item) if number <= right else wrong_answer(item)
            with clock.at(begun + number * ANSWER_EVERY):
                quizzes.save(attempt_id, item_id, answer, by=self.user_id)

    # ---- skills
    def shows(
        self,
        skill_id: str,
        days_ago: int,
        *,
        to: Person,
        marks: Mapping[str, Mark] | None = None,
        reasons: Mapping[str, str] | None = None,
        rating: int = 4,
        chips: Sequence[str] = (),
        comment: str | None = None,
    ) -> None:
        """An examiner watches, marks (independent where nothing else is said) and signs."""
        given = {step.id: Mark.INDEPENDENT for step in self.world.edition.skill(skill_id).steps} | dict(marks or {})
        changes = Changes(given, reasons or {}, tuple(chips), comment, rating)
        begun = self._watched(skill_id, days_ago, to, changes)
        self.world.timeline.add(begun + timedelta(minutes=11), lambda: self._sign_sheet(skill_id, to, begun))

    def begins(self, skill_id: str, days_ago: int, *, to: Person, steps: int) -> None:
        """An examiner has marked the first steps and not signed."""
        given = {step.id: Mark.INDEPENDENT for step in self.world.edition.skill(skill_id).steps[:steps]}
        self._watched(skill_id, days_ago, to, Changes(given))

    def _watched(self, skill_id: str, days_ago: int, to: Person, changes: Changes) -> datetime:
        return self._add(days_ago, 18, 10, lambda: self._mark(skill_id, to, changes), at_school=True)

    def _mark(self, skill_id: str, to: Person, changes: Changes) -> None:
        examiner, begun = self.world.people[to], clock.now()
        sheet_id = practicals.open_sheet(self.enrolment_id, skill_id, by=examiner).id
        self.world.begun[self.person, skill_id] = sheet_id
        with clock.at(begun + timedelta(minutes=8)):
            practicals.save(sheet_id, changes, by=examiner)

    def _sign_sheet(self, skill_id: str, to: Person, begun: datetime) -> None:
        sheet_id, examiner = self.world.begun[self.person, skill_id], self.world.people[to]
        practicals.sign(
            sheet_id,
            version=practicals.get(sheet_id, for_=accounts.person(examiner)).version,
            proof=Proof("password", clock.now() - timedelta(seconds=20)),
            place="Skills lab, room 2",
            observed_at=begun,
            by=examiner,
        )

    def countersigns(self, skill_id: str, days_ago: int) -> None:
        self._answers(skill_id, days_ago, agreed=True)

    def declines(self, skill_id: str, days_ago: int, words: str) -> None:
        self._answers(skill_id, days_ago, agreed=False, words=words)

    def _answers(self, skill_id: str, days_ago: int, *, agreed: bool, words: str = "") -> None:
        key = (self.person, skill_id)
        self._add(
            days_ago,
            13,
            0,
            lambda: practicals.answer(self.world.begun[key], agreed=agreed, words=words, by=self.user_id),
        )


def right_answer(item: Item) -> list[str]:
    return [f"{item.value:g}"] if item.type is ItemType.NUMERIC else sorted(item.correct_ids)


def wrong_answer(item: Item) -> list[str]:
    if item.type is ItemType.NUMERIC:
        return [f"{(item.value or 0) + (item.tolerance or 0) + 1:g}"]
    return [next(option.id for option in item.options if not option.correct)]
