"""Hours are proposed by a roster or from recorded reading, and count once an instructor of the cohort approved them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload

from lms import audit, clock
from lms.access import Permission, Role
from lms.accounts import service as accounts
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.cohorts import service as cohorts
from lms.cohorts.models import Cohort, CohortInstructor, Enrolment
from lms.cohorts.rules import LEARNING
from lms.courses import service as courses
from lms.db import db
from lms.errors import NotAllowed, NotFound, RuleBroken
from lms.hours import rules
from lms.hours.models import ClockDecision, ClockEntry
from lms.hours.rules import Kind, Source, Span, Totals
from lms.i18n import _, long_date
from lms.ledger import service as ledger
from lms.school import service as school

DECIDED = exists().where(ClockDecision.entry_id == ClockEntry.id)
REJECTED = exists().where(ClockDecision.entry_id == ClockEntry.id, ClockDecision.approved.is_(False))
TOTALS = (  # by enrolment: entries that wait, the newest approval, then the approved minutes of each kind
    select(
        ClockEntry.enrolment_id,
        func.count().filter(ClockDecision.id.is_(None)),
        func.max(ClockDecision.decided_at).filter(ClockDecision.approved),
        *(func.sum(ClockEntry.minutes).filter(ClockDecision.approved, ClockEntry.kind == kind.value) for kind in Kind),
    )
    .outerjoin(ClockDecision, ClockDecision.entry_id == ClockEntry.id)
    .where(ClockEntry.enrolment_id.in_(bindparam("enrolments", expanding=True)))
    .group_by(ClockEntry.enrolment_id)
)


def visible_to(user: User) -> Select[ClockEntry]:
    """Students see their own hours, instructors those of their cohorts, the office all."""
    query = select(ClockEntry).join(ClockEntry.enrolment)
    if user.role is Role.STUDENT:
        return query.where(Enrolment.user_id == user.id)
    if user.role is Role.INSTRUCTOR:
        mine = select(CohortInstructor.cohort_id).filter_by(user_id=user.id)
        return query.where(Enrolment.cohort_id.in_(mine))
    return query


def waiting_for(user: User, most: int) -> list[ClockEntry]:
    """What this instructor may decide, oldest first, with the student and cohort; no more than `most`."""
    query = visible_to(user).join(Enrolment.user).join(Enrolment.cohort).where(~DECIDED)
    query = query.options(
        contains_eager(ClockEntry.enrolment).options(contains_eager(Enrolment.user), contains_eager(Enrolment.cohort))
    )
    query = query.order_by(ClockEntry.held_on, Cohort.id, User.sort_key, ClockEntry.id).limit(most)
    return list(db.session.scalars(query))


def waiting_count(user: User) -> int:
    """How many entries this person sees waiting."""
    waiting = visible_to(user).where(~DECIDED).with_only_columns(func.count(ClockEntry.id)).order_by(None)
    return db.session.execute(waiting).scalar_one()


def entries_of(enrolment_id: int, *, for_: User) -> list[ClockEntry]:
    """A student's entries with their decisions, newest first."""
    query = visible_to(for_).where(ClockEntry.enrolment_id == enrolment_id).options(joinedload(ClockEntry.decision))
    return list(db.session.scalars(query.order_by(ClockEntry.held_on.desc(), ClockEntry.id.desc())))


# ---- proposing --------------------------------------------------------------------------------------------------
def propose_roster(
    cohort_id: int,
    *,
    kind: Kind,
    held_on: date,
    starts: datetime,
    ends: datetime,
    minutes: Mapping[int, int],
    by: int,
    session_id: str | None = None,
) -> list[ClockEntry]:
    """One entry a student who was there.

    Raises RuleBroken for a day or time that cannot be or that another class fills.
    """
    span = Span(starts, ends)
    with db.write():
        _require_proposer({cohort_id}, by)
        last = db.session.get_one(Cohort, cohort_id).ends_on
        people = {row.id: row for row in cohorts.people_of(cohort_id) if row.state in LEARNING}
        if not minutes or minutes.keys() - people.keys():
            raise RuleBroken(_("Choose at least one student of this cohort."))
        taken = _spans(minutes.keys(), held_on)
        for enrolment_id, count in minutes.items():
            _refuse_day(held_on, people[enrolment_id], last)
            _refuse(rules.roster_problem(span, count, now=clock.now()))
            if rules.clashes(span, taken[enrolment_id]):
                name = people[enrolment_id].user.legal_name
                raise RuleBroken(_("%(name)s already has hours at that time.", name=name))
        entries = [
            _entry(i, kind, count, held_on, Source.ROSTER, by, starts=starts, ends=ends, session_id=session_id)
            for i, count in minutes.items()
        ]
        db.session.add_all(entries)
        db.session.flush()
        audit.record("hours.proposed", by=by, subject=("cohort", cohort_id), entries=len(entries), kind=kind)
    return entries


def _require_proposer(cohort_ids: set[int], by: int) -> None:
    """The office, or an instructor who is assigned now. Raises NotAllowed or NotFound."""
    if accounts.acting(by, Permission.PROPOSE_HOURS).role is Role.INSTRUCTOR:
        _require_mine(cohort_ids, by)


def _refuse_day(day: date, enrolment: Enrolment, last: date) -> None:
    first = enrolment.started_on
    if problem := rules.day_problem(day, first=first, last=last, today=school.today()):
        name = db.session.get_one(User, enrolment.user_id).legal_name
        raise RuleBroken(_day_sentence(problem, day, first, last, name))


def _day_sentence(problem: str, day: date, first: date, last: date, name: str) -> str:
    said = long_date(day)
    if problem == "not_yet":
        return _("%(day)s has not come yet, so nothing can be recorded for it.", day=said)
    if problem == "before":
        begun = long_date(first)
        return _(
            "%(day)s does not count: the enrollment of %(name)s begins on %(first)s.", day=said, name=name, first=begun
        )
    return _("%(day)s does not count: the cohort ended on %(last)s.", day=said, last=long_date(last))


def _refuse(problem: str | None) -> None:
    sentences = {
        "future": _("A class cannot be recorded before it was held."),
        "backwards": _("The class must end after it starts."),
        "too_long": _("A class of more than 12 hours is not possible: check the times."),
        "too_many": _("Minutes must be more than zero and no longer than the class."),
    }
    if problem:
        raise RuleBroken(sentences[problem])


def _entry(
    enrolment_id: int,
    kind: Kind,
    minutes: int,
    held_on: date,
    source: Source,
    by: int,
    *,
    starts: datetime | None = None,
    ends: datetime | None = None,
    session_id: str | None = None,
) -> ClockEntry:
    return ClockEntry(
        enrolment_id=enrolment_id,
        kind=kind,
        minutes=minutes,
        held_on=held_on,
        starts_at=starts,
        ends_at=ends,
        session_id=session_id,
        source=source,
        proposed_by_id=by,
        proposed_at=clock.now(),
    )


def _spans(enrolment_ids: Iterable[int], held_on: date) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    query = select(ClockEntry).where(
        ClockEntry.enrolment_id.in_(list(enrolment_ids)),
        ClockEntry.held_on == held_on,
        ClockEntry.starts_at.is_not(None),
        ~REJECTED,
    )
    for row in db.session.scalars(query):
        if row.starts_at and row.ends_at:
            found[row.enrolment_id].append(Span(row.starts_at, row.ends_at))
    return found


def reading_to_propose(enrolment: Enrolment) -> dict[date, int]:
    """Recorded reading of finished days that is not proposed yet, within what the plan of online theory takes."""
    active = {day: m for day, m in _finished_reading(enrolment).items() if _day_of(enrolment, day) is None}
    query = select(ClockEntry.held_on, func.sum(ClockEntry.minutes)).where(
        ClockEntry.enrolment_id == enrolment.id, ClockEntry.source == Source.ACTIVITY
    )
    proposed = {row[0]: int(row[1]) for row in db.session.execute(query.group_by(ClockEntry.held_on))}
    planned = catalog.edition(enrolment.course_version_id).minutes_by_kind[Kind.THEORY_ONLINE]
    return rules.to_propose(active, proposed, room=planned - _standing_online(enrolment.id))


def _finished_reading(enrolment: Enrolment) -> dict[date, int]:
    return {day: minutes for day, minutes in courses.active_minutes(enrolment).items() if day < school.today()}


def _day_of(enrolment: Enrolment, day: date) -> str | None:
    last = db.session.get_one(Cohort, enrolment.cohort_id).ends_on
    return rules.day_problem(day, first=enrolment.started_on, last=last, today=school.today())


def _standing_online(enrolment_id: int) -> int:
    """Minutes of online theory that are approved or wait."""
    query = select(func.coalesce(func.sum(ClockEntry.minutes), 0)).where(
        ClockEntry.enrolment_id == enrolment_id, ClockEntry.kind == Kind.THEORY_ONLINE, ~REJECTED
    )
    return int(db.session.execute(query).scalar_one())


def propose_activity(enrolment_id: int, *, by: int) -> list[ClockEntry]:
    """Propose the recorded reading that is not proposed yet. Raises RuleBroken when there is none."""
    with db.write():
        proposer = accounts.acting(by, Permission.PROPOSE_HOURS)  # before the enrolment, as in the office's acts
        enrolment = db.locked(Enrolment, enrolment_id)
        if proposer.role is Role.INSTRUCTOR:
            _require_mine({enrolment.cohort_id}, by)
        days = reading_to_propose(enrolment)
        if not days:
            last = db.session.get_one(Cohort, enrolment.cohort_id).ends_on
            for day in sorted(_finished_reading(enrolment)):
                _refuse_day(day, enrolment, last)
            raise RuleBroken(_("No recorded reading to propose. Today's reading can be proposed tomorrow."))
        entries = [_entry(enrolment_id, Kind.THEORY_ONLINE, m, day, Source.ACTIVITY, by) for day, m in days.items()]
        db.session.add_all(entries)
        db.session.flush()
        audit.record(
            "hours.proposed",
            by=by,
            subject=("enrolment", enrolment_id),
            entries=len(entries),
            kind="theory_online",
        )
    return entries


# ---- deciding ---------------------------------------------------------------------------------------------------
def decide(entry_ids: Collection[int], *, approved: bool, by: int) -> int:
    """Approve or reject entries, each with its ledger entry; returns how many were open. Decided ones are left alone.

    Raises NotFound for an entry of a cohort that is not the instructor's, NotAllowed for one's own hours.
    """
    with db.write():
        query = select(ClockEntry).join(ClockEntry.enrolment).options(contains_eager(ClockEntry.enrolment))
        query = query.where(ClockEntry.id.in_(list(entry_ids))).order_by(ClockEntry.id)
        rows = list(db.session.scalars(query.with_for_update(of=ClockEntry)))  # one decision each, whoever is first
        if len(rows) != len(set(entry_ids)):
            raise NotFound
        examiner = accounts.acting(by, Permission.APPROVE_HOURS)
        _require_mine({row.enrolment.cohort_id for row in rows}, by)
        if any(row.enrolment.user_id == by for row in rows):
            raise NotAllowed
        taken = set(
            db.session.scalars(select(ClockDecision.entry_id).where(ClockDecision.entry_id.in_(list(entry_ids))))
        )
        open_rows = [row for row in rows if row.id not in taken]
        for row in open_rows:
            _seal(row, approved, examiner)
    return len(open_rows)


def _require_mine(cohort_ids: set[int], user_id: int) -> None:
    if not all(cohorts.is_instructor_of(cohort_id, user_id) for cohort_id in cohort_ids):
        raise NotFound


def _seal(row: ClockEntry, approved: bool, examiner: User) -> None:
    now, word = clock.now(), "approved" if approved else "rejected"
    own = row.proposed_by_id == examiner.id  # allowed, and said wherever it is read
    db.session.add(
        ClockDecision(
            entry_id=row.id,
            approved=approved,
            decided_by_id=examiner.id,
            decided_at=now,
            ledger_seq=ledger.next_seq(),
        )
    )
    db.session.flush()
    audit.record(
        f"hours.{word}",
        by=examiner.id,
        subject=("clock_entry", row.id),
        proposed_by=row.proposed_by_id,
        own_proposal=own,
    )
    ledger.append(
        f"hours.{word}",
        statement={
            "entry": row.id,
            "enrolment": row.enrolment_id,
            "kind": row.kind,
            "minutes": row.minutes,
            "held_on": row.held_on.isoformat(),
            "source": row.source,
            "session": row.session_id or "",
            "proposed_by": row.proposed_by_id,
            "own_proposal": own,
        },
        values={"examiner": examiner.legal_name},
        received={"signer": {"id": examiner.id, "role": "instructor"}, "auth": {"method": "session"}},
        subject_id=row.enrolment.user_id,
        at=now,
    )


# ---- totals -----------------------------------------------------------------------------------------------------
def totals(enrolment_ids: Iterable[int]) -> dict[int, Totals]:
    """{enrolment: what its hours come to}, in one query."""
    found = {one: Totals({}, 0, None) for one in enrolment_ids}
    rows = db.session.execute(TOTALS, {"enrolments": list(found)})
    for enrolment_id, pending, newest, *by_kind in rows:
        minutes = {kind.value: int(sum_) for kind, sum_ in zip(Kind, by_kind, strict=True) if sum_ is not None}
        found[enrolment_id] = Totals(minutes, pending, newest)
    return found


def approved_minutes(enrolment_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """{enrolment: {kind: approved minutes}}."""
    return {one: dict(found.minutes) for one, found in totals(enrolment_ids).items()}


def pending_count(enrolment_ids: Iterable[int]) -> dict[int, int]:
    """{enrolment: how many entries nobody has decided}, of those that have any."""
    return {one: found.pending for one, found in totals(enrolment_ids).items() if found.pending}
