"""Issuing, the first step: everything is checked and sealed in one transaction; the worker makes the PDF from it."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from sqlalchemy import select

from lms import audit, clock, jobs
from lms import pdf_names as names
from lms.access import Permission, allows
from lms.accounts import service as accounts
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.certificates import paper, rules, sealed
from lms.certificates.eligibility import Clause, completed_on, unmet
from lms.certificates.evidence import clauses, rests_on
from lms.certificates.models import Certificate, Revocation, SerialCounter
from lms.certificates.words import sentence
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.errors import NotAllowed, RuleBroken
from lms.hours import service as hours
from lms.hours.rules import of_the_course
from lms.i18n import _
from lms.ledger import service as ledger
from lms.ledger.canonical import canonical
from lms.ledger.types import Json
from lms.school import service as school

PAPER = "letter"


@dataclass(frozen=True)
class Issue:
    """One act of issuing: to whom, when, and what it rests on."""

    enrolment: Enrolment
    person: User
    edition: Edition
    found: list[Clause]
    language: str
    at: datetime

    @property
    def day(self) -> date:
        return clock.local_date(self.at, school.current().zone)


def issue(enrolment_id: int, *, language: str, by: int) -> Certificate:
    """Raises NotAllowed, RuleBroken where a clause does not hold or a certificate is in force, PdfRefused for a name
    that no paper can print.
    """
    with db.write():
        issuer = officer(by, Permission.ISSUE_CERTIFICATES)
        enrolment = db.locked(Enrolment, enrolment_id)
        number = _next_edition(enrolment_id)
        found = clauses([enrolment_id])[enrolment_id]
        if missing := unmet(found):
            raise RuleBroken(_("Not yet. %(why)s", why=sentence(missing[0])))
        person = accounts.person(enrolment.user_id)
        if person.id == by:
            raise NotAllowed
        for name in filter(None, (person.legal_name, person.second_name)):
            names.printable(name, person.name_lang)
        edition = catalog.edition(enrolment.course_version_id)
        return _seal(Issue(enrolment, person, edition, found, language, clock.now()), number, issuer)


def officer(user_id: int, permission: Permission) -> User:
    """Whoever acts, as they are now. Raises NotAllowed."""
    user = accounts.person(user_id)
    if not user.active or not allows(user.role, permission):
        raise NotAllowed
    return user


def _next_edition(enrolment_id: int) -> int:
    """One more than the last, which must be revoked."""
    query = select(Certificate.edition, Revocation.id).outerjoin(Certificate.revocation)
    query = query.where(Certificate.enrolment_id == enrolment_id).order_by(Certificate.edition.desc()).limit(1)
    last = db.session.execute(query).one_or_none()
    if last is None:
        return 1
    if last[1] is None:
        raise RuleBroken(_("This student holds a certificate already. Revoke it before you issue another."))
    return last[0] + 1


def _seal(act: Issue, number: int, issuer: User) -> Certificate:
    seq = ledger.next_seq()  # holds the record's head until the end: one certificate at a time takes a number
    serial = _next_serial(act)
    token = "".join(secrets.choice(rules.ALPHABET) for _letter in range(rules.TOKEN_LETTERS))
    sealing = _sealing(act, serial, token)
    row = Certificate(
        enrolment_id=act.enrolment.id,
        edition=number,
        serial=serial,
        token=token,
        language=act.language,
        completed_on=completed_on(act.found),
        issued_at=act.at,
        issued_by_id=issuer.id,
        facts=canonical(sealing.facts),
        entry_seq=seq,
    )
    db.session.add(row)
    db.session.flush()
    if act.enrolment.state is not EnrolmentState.AWARDED:
        cohorts.move(act.enrolment.id, EnrolmentState.AWARDED, by=issuer.id)
    audit.record("certificate.issued", by=issuer.id, subject=("certificate", row.id), serial=serial)
    jobs.enqueue(paper.RENDER, certificate_id=row.id)
    ledger.append(
        "certificate.issued",
        statement=_statement(act, row, sealing),
        values=sealing.values,
        received={"signer": {"id": issuer.id, "role": issuer.role.value}, "auth": {"method": "session"}},
        subject_id=act.person.id,
        at=act.at,
    )
    ledger.checkpoint("certificate")  # after its entry, so that the paper prints a checkpoint that covers it
    return row


def _statement(act: Issue, row: Certificate, sealing: sealed.Sealing) -> Json:
    return {
        "certificate": {"id": row.id, "serial": row.serial, "edition": row.edition},
        "enrolment": row.enrolment_id,
        "course_version": catalog.get(act.enrolment.course_version_id).hash,
        "clauses": [{"key": c.key, "since": c.since.isoformat()} for c in act.found if c.since],
        "rests_on": rests_on(row.enrolment_id),
        "facts": sealing.facts,
        "document": sealed.printed(sealing.facts, sealing.values),
    }


def _next_serial(act: Issue) -> str:
    """From the year's counter, without gaps: a number that is not stored in the end is not taken either."""
    counter = db.session.get(SerialCounter, act.day.year, with_for_update=True)
    if counter is None:
        counter = SerialCounter(id=act.day.year, next=1)
        db.session.add(counter)
    number, counter.next = counter.next, counter.next + 1
    return rules.serial(school.current().serial_prefix, act.edition.serial_code, act.day.year, number)


def _sealing(act: Issue, serial: str, token: str) -> sealed.Sealing:
    signers = school.signatories()[:2]
    if not signers:
        raise RuleBroken(_("Nobody is named to sign certificates. Add a name in the school's settings."))
    facts = {
        **_course_facts(act),
        "serial": serial,
        "issued": act.day.isoformat(),
        "completed": completed_on(act.found).isoformat(),
        "started": act.enrolment.started_on.isoformat(),
        "school": _school_facts(),
        "statement": _foot(act.language),
        "name_lang": act.person.name_lang or "",
        "verify_url": f"{current_app.config['BASE_URL']}/verify/{token}",
    }
    facts["check_code"] = rules.check_code(canonical(facts), token)
    titles = [(s.name, s.title_es if act.language == "es" else s.title_en, s.credential) for s in signers]
    return sealed.sealing(
        facts, name=names.tidy(act.person.legal_name), name_second=act.person.second_name, signatories=titles
    )


def _foot(language: str) -> str:
    """The sentence that no certificate goes without."""
    text = school.statement("does-not-license").short(language)
    if not text:
        raise RuleBroken(_("The short “does not license” statement is empty. Write it in the school's settings."))
    return text


def _course_facts(act: Issue) -> Json:
    approved = hours.approved_minutes([act.enrolment.id])[act.enrolment.id]
    minutes = of_the_course(act.edition.minutes_by_kind, approved)
    return {
        "paper": PAPER,
        "lang": act.language,
        "course": act.edition.title.get(act.language),
        "part_title": act.edition.edition_title.get(act.language) if act.edition.part else "",
        "version": str(catalog.get(act.enrolment.course_version_id).number),
        "catalog_year": str(act.enrolment.started_on.year),
        "taught_in": act.person.locale or act.edition.languages[0],
        "hours": sealed.clock_hours(minutes),
        "hours_total": sealed.total(minutes),
    }


def _school_facts() -> dict[str, str]:
    here = school.current()
    return {
        "name": here.name,
        "legal_name": here.legal_name,
        "address": here.address,
        "phone": here.phone,
        "web": here.website,
        "status": here.approval_sentence,
    }
