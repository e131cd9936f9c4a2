"""Students with everything that a certificate asks for; tests take single things away."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from lms import clock
from lms.access import Role
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.certificates.models import CertificateDocument
from lms.cohorts.models import Cohort, Enrolment, StatementSignature
from lms.cohorts.service import STATEMENT_KEYS
from lms.db import db
from lms.hours.models import ClockDecision, ClockEntry
from lms.ledger import service as ledger
from lms.practicals.models import Sheet
from lms.quizzes.models import Attempt
from lms.school.models import Signatory, Statement
from lms.school.service import current, statements_in_force
from tests import factories, synthetic

SHORT = "Record of training only. Not a license. The supervising physical therapist must separately evaluate."
COURSE = synthetic.text("Physical Therapy Aide: Massage Techniques for Rehabilitation")


def school_can_issue() -> None:
    """The statements in force and two people who sign."""
    for key in STATEMENT_KEYS:
        factories.add(
            Statement(
                key=key,
                text_en=f"The {key} statement.",
                text_es=f"La declaración {key}.",
                short_en=SHORT,
                short_es="Constancia de formación únicamente. No es una licencia.",
                effective_from=date(2026, 1, 1),
                source="course design",
                created_at=clock.now(),
            )
        )
    for position, name in enumerate(("Elena Marchetti", "Tomás Herrera-Quiñones"), 1):
        factories.add(
            Signatory(
                name=name,
                title_en="School director",
                title_es="Directora",
                credential=f"PT 0000{position}",
                position=position,
                school_id=current().id,
            )
        )


def cohort(*instructors: User, part: bool = False) -> Cohort:
    edition = replace(synthetic.edition(name="certificates"), part=part, title=COURSE)
    return factories.cohort(*instructors, edition=edition)


def examiner() -> User:
    return factories.user(Role.INSTRUCTOR)


def student(name: str = "Maya Okafor", **changes: object) -> User:
    person = {"legal_name": name, "legal_name_confirmed_at": clock.now(), "adult_attested_at": clock.now()}
    return factories.user(Role.STUDENT, **{**person, **changes})


def ready(of: Cohort, person: User | None = None, by: User | None = None) -> Enrolment:
    """An enrolment for which every clause holds."""
    row = factories.enrolment(of, person or student(), started_on=factories.today() - timedelta(days=20))
    teacher, edition = by or examiner(), catalog.edition(row.course_version_id)
    for module in edition.modules:
        pass_quiz(row, module.id)
    for skill in edition.skills:
        sign_skill(row, skill.id, teacher)
    for kind, minutes in edition.minutes_by_kind.items():
        approve(propose(row, kind, minutes, teacher), teacher)
    sign_statements(row)
    return row


def pass_quiz(row: Enrolment, module_id: str, *, passed: bool = True, number: int = 1) -> None:
    moment = clock.now()
    factories.add(
        Attempt(
            enrolment_id=row.id,
            module_id=module_id,
            number=number,
            form=[],
            pass_percent=80,
            started_at=moment,
            submitted_at=moment,
            correct=4,
            passed=passed,
        )
    )


def sign_skill(row: Enrolment, skill_id: str, by: User, *, number: int = 1, verdict: str = "demonstrated") -> None:
    with db.write():
        seq, moment = ledger.next_seq(), clock.now()
        db.session.add(
            Sheet(
                enrolment_id=row.id,
                skill_id=skill_id,
                skill_hash="0" * 64,
                number=number,
                examiner_id=by.id,
                opened_at=moment,
                signed_at=moment,
                verdict=verdict,
                entry_seq=seq,
            )
        )
        db.session.flush()
        ledger.append("sheet.signed", statement={"skill": skill_id}, values={}, received={}, subject_id=row.user_id)


def propose(row: Enrolment, kind: str, minutes: int, by: User) -> ClockEntry:
    return factories.add(
        ClockEntry(
            enrolment_id=row.id,
            kind=kind,
            minutes=minutes,
            held_on=factories.today(),
            source="roster",
            proposed_by_id=by.id,
            proposed_at=clock.now(),
        )
    )


def approve(entry: ClockEntry, by: User) -> None:
    entry_id = entry.id
    with db.write():
        seq = ledger.next_seq()
        db.session.add(
            ClockDecision(entry_id=entry_id, approved=True, decided_by_id=by.id, decided_at=clock.now(), ledger_seq=seq)
        )
        db.session.flush()
        ledger.append("hours.approved", statement={"entry": entry_id}, values={}, received={})


def sign_statements(row: Enrolment, *, but: str | None = None) -> None:
    with db.write():
        for text in statements_in_force(list(STATEMENT_KEYS)):
            if text.key == but:
                continue
            db.session.add(
                StatementSignature(
                    enrolment_id=row.id,
                    statement_id=text.id,
                    key=text.key,
                    signed_at=clock.now(),
                    entry_seq=ledger.next_seq(),
                )
            )
            db.session.flush()
            ledger.append("statement.signed", statement={"statement": text.key}, values={}, received={})


def document_bytes(certificate_id: int) -> bytes:
    """Exactly what was given out."""
    return db.session.scalars(select(CertificateDocument.data).filter_by(certificate_id=certificate_id)).one()
