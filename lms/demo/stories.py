"""Who did what in the three cohorts of the demo school. Numbers are days ago."""

from collections.abc import Collection, Mapping, Sequence

from lms.certificates.rules import Reason
from lms.cohorts.rules import EnrolmentState, MoveReason
from lms.demo import people as p
from lms.demo.diary import Diary
from lms.demo.group import Evening, Group, Plan, evenings
from lms.demo.people import Person
from lms.demo.world import World
from lms.practicals.rules import Mark

BEGUN = ("M01", "M02", "M03", "M04")  # what the running cohort has been taught so far
EVERY = 3  # days between two evenings
LENGTH = 108  # days of the whole course
SPRING = LENGTH + 200  # days ago it began
SUMMER = LENGTH - 12
FALL = 30
CLOSED = Plan("Spring evenings", "Skills lab, room 1", SPRING + 14, SPRING, SPRING - LENGTH, (p.PT, p.EXPIRED))
ENDING = Plan("Summer evenings", "Skills lab, room 1", SUMMER + 14, SUMMER, SUMMER - LENGTH, (p.PT, p.CMT))
RUNNING = Plan("Fall evenings", "Skills lab, room 2", FALL + 14, FALL, FALL - LENGTH, (p.PT, p.CMT, p.EXPIRED))
OPEN = Plan("Winter evenings", "Skills lab, room 2", 10, -21, -21 - LENGTH, (p.PT, p.CMT))


def tell(world: World) -> None:
    """Put everybody's past on the timeline."""
    _closed(world)
    _ending(world)
    _running(world)
    _open(world)


# ---- the cohort that is over ------------------------------------------------------------------------------------
def _closed(world: World) -> None:
    group = Group(world, CLOSED)
    group.enrols(p.CLOSED, SPRING + 2)
    group.starts(SPRING)
    _teach(group, evenings(world.edition), SPRING - 2)
    for number, person in enumerate(p.GRADUATES):
        examiner = p.EXPIRED if person is p.OLENA else p.PT  # her license was in force then
        _all_of_it(Diary(world, person, late=7 * number, pace=1.3), SPRING, examiner, p.PT)
    _left(Diary(world, p.SANJAY, late=40), SPRING)
    over = SPRING - LENGTH
    group.awards(p.GRADUATES, over + 4, by=p.ADMIN)
    group.closes(over - 1)
    group.revokes(
        p.JAMAL,
        over - 60,
        reason=Reason.REQUIREMENT_INVALID,
        words="The roster of one evening named him by mistake: he was not there, and the hours are not complete.",
        by=p.ADMIN2,
    )


def _teach(group: Group, taught: Sequence[Evening], first: int) -> None:
    """Evening after evening from that day on, each approved the day after."""
    for number, evening in enumerate(taught):
        held = first - EVERY * number
        group.meets(held, evening, led_by=p.PT)
        group.decides(held, held - 1, by=p.PT)


def _all_of_it(d: Diary, start: int, examiner: Person, lead: Person, *, but: Collection[str] = ()) -> None:
    """Everything on time, to the last condition; the skills of `but` are not shown yet."""
    d.signs_statements(start)
    day, passed = start - 1, dict[str, int]()
    for module in d.world.edition.modules:
        d.reads(module.id, day)
        day -= len(module.lessons)
        passed[module.id] = day
        d.quiz(module.id, day, right=module.quiz.draw - len(passed) % 2)
        day -= 1
    _skills(d, passed, examiner, lead, but)
    d.reading_counts(day - 1, by=lead, approved=True)
    d.confirms_name(day - 1)


def _skills(d: Diary, passed: Mapping[str, int], examiner: Person, lead: Person, but: Collection[str]) -> None:
    """Each skill when its quizzes are passed and the skills before it are signed; a Sunday's is shown on Saturday."""
    shown: dict[str, int] = {}
    for skill in d.world.edition.skills:
        if skill.id in but:
            continue
        quizzes = [passed[one] for one in (skill.module_id, *skill.prerequisite_modules)]
        earlier = [shown[one] for one in skill.prerequisite_skills]
        day = min(*quizzes, *earlier) - 1
        while any(abs(day - other) < 2 for other in shown.values()):
            day -= 1
        shown[skill.id] = day
        may = examiner is not p.EXPIRED or "PTA" in skill.signers
        rating = 3 + len(shown) % 2
        d.shows(skill.id, day, to=examiner if may else lead, rating=rating, chips=(skill.chips[0].id,))
        d.countersigns(skill.id, day - 1)


def _left(d: Diary, start: int) -> None:
    d.signs_statements(start)
    d.reads("M01", start - 1, lessons=2)
    d.moves(start - 8, EnrolmentState.WITHDRAWN, MoveReason.ASKED)


# ---- the cohort that ends soon ----------------------------------------------------------------------------------
def _ending(world: World) -> None:
    """One may be awarded, one still has a skill to show, one has hours that nobody has approved."""
    group = Group(world, ENDING)
    group.enrols(p.ENDING, SUMMER + 2)
    group.starts(SUMMER)
    taught = evenings(world.edition)
    _teach(group, taught[:-1], SUMMER - 2)
    last = SUMMER - 2 - EVERY * (len(taught) - 1)
    group.meets(last, taught[-1], led_by=p.PT)
    group.decides(last, last - 1, by=p.PT, only=(p.READY, p.ROSA))
    for number, (person, but) in enumerate(((p.READY, ()), (p.ROSA, ("S14",)), (p.BJORN, ()))):
        _all_of_it(Diary(world, person, late=5 * number, pace=1.3), SUMMER, p.PT, p.PT, but=but)


# ---- the cohort under way ---------------------------------------------------------------------------------------
def _running(world: World) -> None:
    group = Group(world, RUNNING)
    group.enrols(p.RUNNING, FALL + 2)
    group.starts(FALL)
    taught = evenings(world.edition, BEGUN)
    meetings = [FALL - 4 - (FALL - 9) * number // (len(taught) - 1) for number in range(len(taught))]
    absent = {meetings[1]: (p.MINH,), meetings[3]: (p.MINH, p.TYRONE), meetings[-1]: (p.TYRONE, p.HYEJIN)}
    for number, (held, evening) in enumerate(zip(meetings, taught, strict=True)):
        led_by = p.CMT if number in (2, 4) else p.PT
        early = {p.FATIMA: 25} if number == 3 else {}
        group.meets(held, evening, led_by=led_by, absent=absent.get(held, ()), left_early=early)
        if held > meetings[-1]:
            group.decides(held, held - 1, by=p.PT, rejects=(p.TYRONE,) if number == 2 else ())
    group.decides(meetings[-1], meetings[-1] - 1, by=p.PT, only=(p.STUDENT, p.KWAME))  # the others' wait
    group.enrols((p.NEW,), 1)
    tales = (_student, _student2, _kwame, _meiling, _fatima, _joaquin, _hyejin, _minh, _zoe, _mateus, _aroha, _tyrone)
    for number, (person, tale) in enumerate(zip(p.RUNNING, tales, strict=True), 1):
        tale(Diary(world, person, late=4 * number))


def _student(d: Diary) -> None:
    d.signs_statements(28)
    d.confirms_name(27)
    d.reads("M01", 27)
    d.quiz("M01", 21, right=11)
    d.reads("M02", 20)
    d.quiz("M02", 8, right=10)
    d.reading_counts(7, by=p.PT, approved=True)
    d.reads("M03", 3, lessons=2, steps=3)
    d.shows(
        "S01",
        1,
        to=p.PT,
        marks={"S01-09": Mark.PROMPTED},
        chips=("face-cradle", "all-zones"),
        comment="Steady and unhurried. Wipe the face cradle before I ask, then the whole table is done.",
    )


def _student2(d: Diary) -> None:
    d.signs_statements(27)
    d.reads("M01", 26)
    d.quiz("M01", 20, right=9)
    d.quiz("M01", 18, right=12)
    d.reads("M02", 14)
    d.opens_quiz("M02", 1, right=6, answered=4)


def _kwame(d: Diary) -> None:
    _two_modules(d)
    d.reads("M04", 14)
    d.quiz("M04", 8, right=10)
    d.shows("S01", 15, to=p.CMT)
    d.countersigns("S01", 14)
    d.shows(
        "S10",
        5,
        to=p.PT,
        marks={"S10-04": Mark.PROMPTED, "S10-11": Mark.NOT_YET},
        rating=2,
        chips=("brakes", "rushed"),
        comment="The brakes come first, before you help anybody stand. Try again next week.",
    )
    d.countersigns("S10", 4)


def _two_modules(d: Diary) -> None:
    d.signs_statements(28)
    d.confirms_name(27)
    d.reads("M01", 28)
    d.quiz("M01", 23, right=12)
    d.reads("M02", 22)
    d.quiz("M02", 16, right=11)


def _meiling(d: Diary) -> None:
    d.signs_statements(26)
    d.confirms_name(26)
    d.reads("M01", 25)
    d.quiz("M01", 19, right=12)
    d.reads("M02", 5, lessons=4, steps=2)


def _fatima(d: Diary) -> None:
    _two_modules(d)
    d.shows(
        "S01",
        12,
        to=p.CMT,
        marks={"S01-10": Mark.NOT_YET},
        rating=3,
        chips=("dried-early",),
        comment="The table dried before the contact time was over.",
    )
    d.declines("S01", 11, "I read the time from the label aloud, and the clock in the room had stopped.")


def _joaquin(d: Diary) -> None:
    _two_modules(d)
    d.shows("S01", 15, to=p.PT, rating=5)
    d.countersigns("S01", 14)
    d.reads("M04", 15)
    d.quiz("M04", 9, right=12)
    d.shows("S10", 12, to=p.PT)
    d.countersigns("S10", 11)
    d.shows("S03", 5, to=p.CMT)
    d.countersigns("S03", 4)
    d.reading_counts(2, by=p.CMT, approved=False)


def _hyejin(d: Diary) -> None:
    d.signs_statements(27)
    d.reads("M01", 26)
    for days_ago, right in ((19, 8), (17, 9), (10, 10)):
        d.quiz("M01", days_ago, right=right)


def _minh(d: Diary) -> None:
    d.signs_statements(25)
    d.reads("M01", 25)
    d.quiz("M01", 18, right=11)
    d.reads("M02", 14)
    d.quiz("M02", 7, right=8)
    d.quiz("M02", 6, right=10)


def _zoe(d: Diary) -> None:
    d.signs_statements(28)
    d.reads("M01", 27)
    d.quiz("M01", 20, right=12)
    d.moves(13, EnrolmentState.LEAVE, MoveReason.ASKED)


def _mateus(d: Diary) -> None:
    d.reads("M01", 27, lessons=1)
    d.moves(17, EnrolmentState.WITHDRAWN, MoveReason.ASKED)


def _aroha(d: Diary) -> None:
    _two_modules(d)
    d.reads("M04", 6, lessons=1)
    d.begins("S01", 1, to=p.CMT, steps=6)


def _tyrone(d: Diary) -> None:
    d.signs_statements(28)
    d.reads("M01", 22, lessons=4, steps=5)


# ---- the cohort to come -----------------------------------------------------------------------------------------
def _open(world: World) -> None:
    group = Group(world, OPEN)
    group.enrols(p.OPEN, 7)
    group.enrols_on_paper(p.LUPE, 4)
    hassan = Diary(world, p.HASSAN, late=20)
    hassan.signs_statements(5)
    hassan.confirms_name(5)
