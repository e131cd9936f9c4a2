"""What a student has read, and where they go on."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import bindparam, select

from lms import clock
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.types import Edition, Lesson, Module
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import LEARNING
from lms.courses import rules
from lms.courses.models import ActivityBeat, ReadingPlace, StepDone
from lms.courses.rules import ModuleProgress, Place, StepKey
from lms.db import db
from lms.errors import NotFound, RuleBroken
from lms.i18n import _, language
from lms.school import service as school

BEAT_EVERY = timedelta(seconds=30)
STEPS_DONE = select(StepDone.lesson_id, StepDone.step_id).where(StepDone.enrolment_id == bindparam("enrolment"))


def steps_done(enrolment_id: int) -> set[StepKey]:
    return {(lesson, step) for lesson, step in db.session.execute(STEPS_DONE, {"enrolment": enrolment_id})}


def steps_done_by(enrolment_ids: Iterable[int]) -> dict[int, set[StepKey]]:
    found: dict[int, set[StepKey]] = defaultdict(set)
    query = select(StepDone.enrolment_id, StepDone.lesson_id, StepDone.step_id)
    for row in db.session.execute(query.where(StepDone.enrolment_id.in_(list(enrolment_ids)))):
        found[row.enrolment_id].add((row.lesson_id, row.step_id))
    return found


def progress(edition: Edition, enrolment_ids: Iterable[int]) -> dict[int, dict[str, ModuleProgress]]:
    """{enrolment: {module: lessons done of how many}}, from recorded events alone."""
    ids = list(enrolment_ids)
    done = steps_done_by(ids)
    return {i: {m.id: rules.module_progress(m, done[i]) for m in edition.modules} for i in ids}


def next_step(enrolment: Enrolment, done: set[StepKey] | None = None) -> Place | None:
    """Where this student goes on, on any device; None when everything is read."""
    row = db.session.get(ReadingPlace, enrolment.id)
    resume = Place(row.module_id, row.lesson_id, row.step_id) if row else None
    known = steps_done(enrolment.id) if done is None else done
    return rules.next_place(catalog.edition(enrolment.course_version_id), known, resume)


def version_id_for(user: User) -> int:
    """The version a student is enrolled in; for staff the newest. Raises NotFound where there is none."""
    enrolment = cohorts.current_enrolment(user)
    version_id = enrolment.course_version_id if enrolment else catalog.newest() if user.is_staff else None
    if version_id is None:
        raise NotFound
    return version_id


def edition_for(user: User) -> Edition:
    """What that version says."""
    return catalog.edition(version_id_for(user))


def module(edition: Edition, module_id: str) -> Module:
    """Raises NotFound for a module that the edition has not."""
    try:
        return edition.module(module_id)
    except KeyError as missing:
        raise NotFound from missing


def locate(edition: Edition, module_id: str, lesson_id: str) -> tuple[Module, Lesson]:
    """Raises NotFound for a module or lesson that the edition has not."""
    try:
        module = edition.module(module_id)
        return module, module.lesson(lesson_id)
    except KeyError as missing:
        raise NotFound from missing


def require_open(edition: Edition, module: Module, done: set[StepKey]) -> None:
    """Raises RuleBroken with what opens the module."""
    if waiting := rules.waits_for(module, edition, done):
        titles = ", ".join(other.title.get(language()) for other in waiting)
        raise RuleBroken(_("This module opens when you have read: %(titles)s.", titles=titles))


def pass_step(enrolment_id: int, place: Place, *, by: int) -> Place | None:
    """Record that the student went past a step; returns the next one of the module. Doing it again changes nothing."""
    with db.write():
        enrolment = _mine(enrolment_id, by)
        edition = catalog.edition(enrolment.course_version_id)
        module, lesson = locate(edition, place.module_id, place.lesson_id)
        if not rules.is_place(edition, place):
            raise NotFound
        done = steps_done(enrolment_id)
        require_open(edition, module, done)
        now = clock.now()
        if (lesson.id, place.step_id) not in done:
            db.session.add(
                StepDone(
                    enrolment_id=enrolment_id,
                    module_id=module.id,
                    lesson_id=lesson.id,
                    step_id=place.step_id,
                    at=now,
                )
            )
        db.session.add(ActivityBeat(enrolment_id=enrolment_id, module_id=module.id, lesson_id=lesson.id, at=now))
        onward = rules.following(edition, place)
        _remember(enrolment_id, onward or place)
    return onward


def _mine(enrolment_id: int, user_id: int) -> Enrolment:
    enrolment = db.locked(Enrolment, enrolment_id)
    if enrolment.user_id != user_id:
        raise NotFound
    if enrolment.state not in LEARNING:
        raise RuleBroken(_("This enrollment is not active, so nothing more is recorded."))
    return enrolment


def _remember(enrolment_id: int, place: Place) -> None:
    row = db.session.get(ReadingPlace, enrolment_id)
    if row is None:
        row = ReadingPlace(enrolment_id=enrolment_id)
        db.session.add(row)
    row.module_id, row.lesson_id, row.step_id, row.at = (
        place.module_id,
        place.lesson_id,
        place.step_id,
        clock.now(),
    )


def beat(enrolment_id: int, module_id: str, lesson_id: str, *, by: int) -> None:
    """A sign of life while the page is visible and used; more than one in half a minute counts once."""
    with db.write():
        enrolment = _mine(enrolment_id, by)
        locate(catalog.edition(enrolment.course_version_id), module_id, lesson_id)
        latest = select(ActivityBeat.at).filter_by(enrolment_id=enrolment_id).order_by(ActivityBeat.at.desc()).limit(1)
        last, now = db.session.scalars(latest).first(), clock.now()
        if last is None or now - last >= BEAT_EVERY:
            db.session.add(ActivityBeat(enrolment_id=enrolment_id, module_id=module_id, lesson_id=lesson_id, at=now))


def active_minutes(enrolment: Enrolment) -> dict[date, int]:
    """Minutes of reading a day that count, derived from recorded signs of life."""
    edition = catalog.edition(enrolment.course_version_id)
    query = select(ActivityBeat.lesson_id, ActivityBeat.at).filter_by(enrolment_id=enrolment.id)
    beats = [(row.lesson_id, row.at) for row in db.session.execute(query.order_by(ActivityBeat.at, ActivityBeat.id))]
    return rules.active_minutes(
        beats,
        lesson_minutes={lesson.id: lesson.total_minutes for m in edition.modules for lesson in m.lessons},
        zone=school.current().zone,
        idle=timedelta(minutes=school.policy("idle_limit_minutes")),
        cap_percent=school.policy("lesson_time_cap_percent"),
        daily_cap=school.policy("daily_cap_minutes"),
    )
