"""Who did what in the three cohorts of the demo school. Numbers are days ago."""

from lms.certificates.rules import Reason
from lms.cohorts.rules import EnrolmentState, MoveReason
from lms.demo import people as p
from lms.demo.diary import Diary
from lms.demo.group import Evening, Group, Plan
from lms.demo.people import Person
from lms.demo.world import World
from lms.practicals.rules import Mark

EVENINGS: tuple[Evening, ...] = (
    (("M01", "M01-C1"), ("M01", "M01-C2"), ("M01", "M01-C3")),
    (("M02", "M02-C1"), ("M02", "M02-C2")),
    (("M02", "M02-C3"), ("M02", "M02-C4")),
    (("M02", "M02-C5"),),
    (("M04", "M04-C1"), ("M04", "M04-C2")),
    (("M04", "M04-C3"),),
)
MEETINGS = (26, 22, 19, 15, 12, 5)
EARLIER = 82  # days between the closed cohort and the running one
RUNNING = Plan("Fall evenings", "Skills lab, room 2", 45, 28, -14, (p.PT, p.CMT, p.EXPIRED))
OPEN = Plan("Winter evenings", "Skills lab, room 2", 10, -12, -56, (p.PT, p.CMT))
CLOSED = Plan("Summer evenings", "Skills lab, room 1", 125, 28 + EARLIER, 80, (p.PT, p.EXPIRED))


def tell(world: World) -> None:
    """Put everybody's past on the timeline."""
    _closed(world)
    _running(world)
    _open(world)


# ---- the cohort that is over ------------------------------------------------------------------------------------
def _closed(world: World) -> None:
    group = Group(world, CLOSED)
    group.enrols(p.CLOSED, 30 + EARLIER)
    group.starts(28 + EARLIER)
    for number, evening in enumerate(EVENINGS):
        held = MEETINGS[number] + EARLIER
        group.meets(held, evening, led_by=p.PT)
        group.decides(held, held - 1, by=p.PT)
    for number, person in enumerate(p.GRADUATES):
        examiner = p.EXPIRED if person in (p.OLENA, p.BJORN) else p.PT  # her license was in force then
        _all_of_it(Diary(world, person, late=7 * number, pace=1.3), EARLIER, examiner, p.PT)
    _left(Diary(world, p.SANJAY, late=40), EARLIER)
    group.awards(p.GRADUATES, 84, by=p.ADMIN)
    group.closes(80)
    group.revokes(
        p.JAMAL,
        40,
        reason=Reason.REQUIREMENT_INVALID,
        words="The roster of one evening named him by mistake: he was not there, and the hours are not complete.",
        by=p.ADMIN2,
    )


def _all_of_it(d: Diary, earlier: int, examiner: Person, lead: Person) -> None:
    """Everything on time, to the last condition."""
    d.signs_statements(28 + earlier)
    d.reads("M01", 28 + earlier)
    d.quiz("M01", 23 + earlier, right=10)
    d.reads("M02", 22 + earlier)
    d.quiz("M02", 16 + earlier, right=9)
    d.shows("S01", 15 + earlier, to=lead, chips=("all-zones",), comment="Unhurried, and the tap stayed clean.")
    d.countersigns("S01", 14 + earlier)
    d.reads("M04", 15 + earlier)
    d.quiz("M04", 10 + earlier, right=9)
    d.reading_counts(9 + earlier, by=lead, approved=True)
    d.shows("S10", 12 + earlier, to=examiner, rating=3, chips=("clear-cues",))
    d.countersigns("S10", 11 + earlier)
    d.shows(
        "S03",
        5 + earlier,
        to=lead,
        reasons={"S03-01": "The partner kept their own clothes on."},
        marks={"S03-01": Mark.NOT_APPLICABLE},
        chips=("explained-first", "eyes-away"),
    )
    d.countersigns("S03", 4 + earlier)
    d.confirms_name(4 + earlier)


def _left(d: Diary, earlier: int) -> None:
    d.signs_statements(28 + earlier)
    d.reads("M01", 27 + earlier, lessons=2)
    d.moves(20 + earlier, EnrolmentState.WITHDRAWN, MoveReason.ASKED)


# ---- the cohort under way ---------------------------------------------------------------------------------------
def _running(world: World) -> None:
    group = Group(world, RUNNING)
    group.enrols(p.RUNNING, 30)
    group.starts(28)
    absent = {22: (p.MINH,), 15: (p.MINH, p.TYRONE), 12: (p.TYRONE,), 5: (p.TYRONE, p.HYEJIN)}
    for held, evening in zip(MEETINGS, EVENINGS, strict=True):
        led_by = p.CMT if held in (19, 12) else p.PT
        early = {p.FATIMA: 25} if held == 15 else {}
        group.meets(held, evening, led_by=led_by, absent=absent.get(held, ()), left_early=early)
        if held > 5:
            group.decides(held, held - 1, by=p.PT, rejects=(p.TYRONE,) if held == 19 else ())
    group.decides(5, 4, by=p.PT, only=(p.READY, p.STUDENT, p.KWAME))  # the others' wait to be approved
    group.enrols((p.NEW,), 1)
    _all_of_it(Diary(world, p.READY, late=0, pace=1.3), 0, p.PT, p.PT)
    tales = (_student, _student2, _kwame, _meiling, _fatima, _joaquin, _hyejin, _minh, _zoe, _mateus, _aroha, _tyrone)
    others = [person for person in p.RUNNING if person is not p.READY]
    for number, (person, tale) in enumerate(zip(others, tales, strict=True), 1):
        tale(Diary(world, person, late=4 * number))


def _student(d: Diary) -> None:
    d.signs_statements(28)
    d.confirms_name(27)
    d.reads("M01", 27)
    d.quiz("M01", 21, right=9)
    d.reads("M02", 20)
    d.quiz("M02", 8, right=8)
    d.reading_counts(7, by=p.PT, approved=True)
    d.reads("M04", 3, lessons=2, steps=3)
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
    d.quiz("M01", 20, right=7)
    d.quiz("M01", 18, right=10)
    d.reads("M02", 14)
    d.opens_quiz("M02", 1, right=4, answered=4)


def _kwame(d: Diary) -> None:
    _two_modules(d)
    d.reads("M04", 14)
    d.quiz("M04", 8, right=8)
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
    d.quiz("M01", 23, right=10)
    d.reads("M02", 22)
    d.quiz("M02", 16, right=9)


def _meiling(d: Diary) -> None:
    d.signs_statements(26)
    d.confirms_name(26)
    d.reads("M01", 25)
    d.quiz("M01", 19, right=10)
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
    d.quiz("M04", 9, right=10)
    d.shows("S10", 12, to=p.PT)
    d.countersigns("S10", 11)
    d.shows("S03", 5, to=p.CMT)
    d.countersigns("S03", 4)
    d.reading_counts(2, by=p.CMT, approved=False)


def _hyejin(d: Diary) -> None:
    d.signs_statements(27)
    d.reads("M01", 26)
    for days_ago, right in ((19, 6), (17, 7), (10, 8)):
        d.quiz("M01", days_ago, right=right)


def _minh(d: Diary) -> None:
    d.signs_statements(25)
    d.reads("M01", 25)
    d.quiz("M01", 18, right=9)
    d.reads("M02", 14)
    d.quiz("M02", 7, right=6)
    d.quiz("M02", 6, right=8)


def _zoe(d: Diary) -> None:
    d.signs_statements(28)
    d.reads("M01", 27)
    d.quiz("M01", 20, right=10)
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
