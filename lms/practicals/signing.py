"""Signing a sheet, and the student's answer: the rows, the audit line and the sealed entry in one write."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from lms import audit, clock
from lms.access import Permission
from lms.accounts import service as accounts
from lms.accounts.models import StaffCredential, User
from lms.catalog import service as catalog
from lms.catalog.types import Skill
from lms.cohorts.models import Enrolment
from lms.db import db
from lms.errors import Conflict, NotFound, RuleBroken
from lms.i18n import _, language
from lms.ledger import service as ledger
from lms.ledger.models import LedgerEntry
from lms.ledger.types import Json
from lms.practicals import drafts, examiners, rules, words
from lms.practicals.document import printed_verdict
from lms.practicals.drafts import Draft, draft_of, marks_of
from lms.practicals.models import Countersignature, Sheet
from lms.practicals.rules import Mark, Outcome, Proof, Verdict
from lms.school import service as school

AT_THAT_MOMENT = timedelta(minutes=2)  # between proving who one is and the write; the school may allow more
LONGEST_WORDS = 2000


@dataclass(frozen=True)
class Signing:
    """Everything that one signature is about."""

    sheet: Sheet
    enrolment: Enrolment
    skill: Skill
    marks: dict[str, Mark]
    draft: Draft
    outcome: Outcome
    credential: StaffCredential
    proof: Proof
    by: int
    at: datetime

    @property
    def not_applicable(self) -> tuple[str, ...]:
        return tuple(step.id for step in rules.by_mark(self.skill, self.marks)[Mark.NOT_APPLICABLE])


def to_mend(skill: Skill, marks: dict[str, Mark], draft: Draft, rating: int | None) -> list[str]:
    """What a sheet still needs before anybody may sign it, as sentences."""
    found = []
    if blank := rules.blank(skill, marks):
        found.append(_("Mark these steps: %(steps)s.", steps=_numbers(blank)))
    if silent := rules.unexplained(skill, marks, draft.reasons):
        found.append(_("Say why these steps do not apply: %(steps)s.", steps=_numbers(silent)))
    if rating is None:
        found.append(_("Give the overall rating."))
    if rating == rules.UNSAFE and not (draft.comment or draft.chips):
        found.append(_("Say in a comment what was unsafe."))
    return found


def _numbers(steps: tuple[object, ...]) -> str:
    return ", ".join(str(step.number) for step in steps)  # type: ignore[attr-defined]


def outcome_of(skill: Skill, sheet: Sheet) -> Outcome:
    """By the rules, from the marks. Raises RuleBroken while the sheet is incomplete."""
    return rules.verdict(skill, marks_of(sheet.id), sheet.rating or 0)


def sign(sheet_id: int, *, version: int, proof: Proof, place: str, observed_at: datetime, by: int) -> Sheet:
    """Freeze the sheet as it was shown, with the verdict that the rules give.

    Raises Conflict when it changed since `version`, RuleBroken with what stands in the way, NotFound for a person
    who is not assigned now.
    """
    with db.write():
        now = clock.now()
        sheet, enrolment = examiners.unsigned_sheet(sheet_id, by)
        within = AT_THAT_MOMENT + timedelta(minutes=school.policy("reauthentication_minutes"))
        if not proof.holds(now, within):
            raise RuleBroken(_("Type your password again, then sign."))
        skill, marks = examiners.skill_of(enrolment, sheet.skill_id), marks_of(sheet_id)
        if version != sheet.version:
            raise Conflict({str(step.number): marks.get(step.id, "") for step in skill.steps}, sheet.version)
        draft = replace(draft_of(sheet), place=place.strip())
        if wanting := to_mend(skill, marks, draft, sheet.rating):
            raise RuleBroken(" ".join(wanting))
        _require_observed(observed_at, now, enrolment)
        outcome, held = outcome_of(skill, sheet), examiners.credential(skill, by)
        signing = Signing(sheet, enrolment, skill, marks, draft, outcome, held, proof, by, now)
        _freeze(signing, observed_at)
        _seal(signing)
    return sheet


def _require_observed(observed_at: datetime, now: datetime, enrolment: Enrolment) -> None:
    if observed_at > now:
        raise RuleBroken(_("The time you watched is in the future."))
    if clock.local_date(observed_at, school.current().zone) < enrolment.started_on:
        raise RuleBroken(_("The student was not enrolled yet on that day."))


def _freeze(signing: Signing, observed_at: datetime) -> None:
    """One update of the row; after it the row and its marks cannot change."""
    sheet, outcome = signing.sheet, signing.outcome
    seq = ledger.next_seq()  # it reads, and so flushes: before the row is frozen
    drafts.drop(sheet.id)
    sheet.observed_at, sheet.signed_at = observed_at, signing.at
    sheet.verdict, sheet.points, sheet.points_possible = outcome.verdict.value, outcome.points, outcome.possible
    sheet.statement = words.CORRECTED if sheet.amends_id else words.OBSERVED
    sheet.version += 1
    sheet.entry_seq = seq
    db.session.flush()
    audit.record("sheet.signed", by=signing.by, subject=("sheet", sheet.id), verdict=outcome.verdict.value)


def _seal(signing: Signing) -> None:
    held = signing.credential
    student, examiner = accounts.person(signing.enrolment.user_id), accounts.person(signing.by)
    values = drafts.values_of(signing.draft, signing.not_applicable)
    values |= {
        "student": student.legal_name,
        "examiner": examiner.legal_name,
        "credential": f"{held.kind} {held.number}",
    }
    signer = {
        "id": signing.by,
        "role": examiner.role.value,
        "credential": held.kind,
        "valid_to": held.expires_on.isoformat(),
    }
    ledger.append(
        "sheet.signed",
        statement=_statement(signing, sorted(values)),
        values=values,
        received={"outcome": _outcome(signing.outcome), "signer": signer, "auth": _auth(signing.proof)},
        subject_id=student.id,
        at=signing.at,
    )


def _statement(signing: Signing, values: list[str]) -> Json:
    """What was shown and is signed: the snapshot of the sheet."""
    sheet, skill = signing.sheet, signing.skill
    return {
        "sheet": sheet.id,
        "enrolment": sheet.enrolment_id,
        "course_version": catalog.get(signing.enrolment.course_version_id).hash,
        "skill": {"id": skill.id, "hash": skill.hash},
        "number": sheet.number,
        "revision": sheet.revision,
        "amends": _amended(sheet),
        "marks": {step: mark.value for step, mark in signing.marks.items()},
        "rating": sheet.rating,
        "outcome": _outcome(signing.outcome),
        "meaning": _meaning(str(sheet.statement)),
        "observed_at": _stamp(sheet.observed_at),
        "document": {
            "facts": {
                "skill": skill.id,
                "verdict": printed_verdict(signing.outcome.verdict is Verdict.DEMONSTRATED, language()),
                "meaning": str(words.MEANINGS[str(sheet.statement)]),
            },
            "values": [name for name in values if name in ("student", "examiner")],
        },
    }


def _meaning(key: str) -> Json:
    return {"key": key, "text": str(words.MEANINGS[key]), "language": language()}


def _outcome(outcome: Outcome) -> Json:
    return {
        "verdict": outcome.verdict.value,
        "points": outcome.points,
        "possible": outcome.possible,
        "needed": outcome.needed,
        "critical_missed": list(outcome.critical_missed),
    }


def _auth(proof: Proof) -> Json:
    return {"method": proof.method, "at": _stamp(proof.at)}


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def _amended(sheet: Sheet) -> Json | None:
    """The corrected sheet by its entry's hash."""
    if sheet.amends_id is None:
        return None
    query = select(Sheet.id, LedgerEntry.seq, LedgerEntry.hash).join(LedgerEntry, LedgerEntry.seq == Sheet.entry_seq)
    old = db.session.execute(query.where(Sheet.id == sheet.amends_id)).one()
    return {"sheet": old.id, "entry": old.seq, "hash": old.hash}


# ---- the student's answer ---------------------------------------------------------------------------------------
def answer(sheet_id: int, *, agreed: bool, words: str, by: int) -> Countersignature:
    """The student countersigns, or declines and says why. Neither changes the verdict. Raises RuleBroken."""
    with db.write():
        sheet = db.locked(Sheet, sheet_id)
        enrolment = db.locked(Enrolment, sheet.enrolment_id)
        if enrolment.user_id != by or sheet.signed_at is None:
            raise NotFound
        person = accounts.acting(by, Permission.COUNTERSIGN)
        _require_answerable(sheet, agreed, words.strip())
        now = clock.now()
        row = Countersignature(sheet_id=sheet_id, student_id=by, agreed=agreed, at=now, entry_seq=ledger.next_seq())
        db.session.add(row)
        db.session.flush()
        kind = "sheet.countersigned" if agreed else "sheet.declined"
        audit.record(kind, by=by, subject=("sheet", sheet_id))
        _seal_answer(kind, sheet, person, words.strip(), now)
    return row


def _require_answerable(sheet: Sheet, agreed: bool, said: str) -> None:
    query = select(Countersignature.id).filter_by(sheet_id=sheet.id)
    if db.session.scalars(query).first() is not None:
        raise RuleBroken(_("You have answered this sheet already."))
    corrections = select(Sheet.id).where(Sheet.amends_id == sheet.id, Sheet.signed_at.is_not(None))
    if db.session.scalars(corrections).first() is not None:
        raise RuleBroken(_("This sheet was corrected. Answer the newer one."))
    if not agreed and not said:
        raise RuleBroken(_("Write what is not right, in your own words."))
    if len(said) > LONGEST_WORDS:
        raise RuleBroken(_("Use fewer words."))


def _seal_answer(kind: str, sheet: Sheet, person: User, said: str, now: datetime) -> None:
    signed = db.session.execute(select(LedgerEntry.seq, LedgerEntry.hash).filter_by(seq=sheet.entry_seq)).one()
    key = words.RECEIVED if kind == "sheet.countersigned" else words.DECLINED
    values = {"student": person.legal_name, "words": said}
    ledger.append(
        kind,
        statement={
            "sheet": sheet.id,
            "entry": signed.seq,
            "hash": signed.hash,
            "meaning": _meaning(key),
        },
        values={name: value for name, value in values.items() if value},
        received={
            "signer": {"id": person.id, "role": person.role.value},
            "auth": _auth(Proof("session", now)),
        },
        subject_id=person.id,
        at=now,
    )
