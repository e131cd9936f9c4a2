"""Issuing: everything holds or nothing is stored; one certificate whatever happens at the same time."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from lms import clock, jobs
from lms.access import Role
from lms.app import create_app
from lms.audit import AuditEvent
from lms.certificates import paper, service
from lms.certificates.models import Certificate, CertificateDocument, Revocation, SerialCounter
from lms.certificates.rules import Reason, Status
from lms.cohorts.models import Enrolment
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.errors import NotAllowed, RuleBroken, SchoolError
from lms.ledger import offline
from lms.ledger import service as ledger
from lms.ledger.canonical import canonical
from lms.ledger.models import Checkpoint, LedgerEntry
from lms.school import service as school
from lms.school.models import Statement
from tests import factories, papers
from tests.certificates import factories as make
from tests.conftest import settings_for


def issue(row: Enrolment, admin, language: str = "en") -> Certificate:
    return service.issue(row.id, language=language, by=admin.id)


def revoke(certificate: Certificate, admin, reason: Reason = Reason.ISSUED_IN_ERROR) -> Revocation:
    return service.revoke(certificate.id, reason=reason, words="CANARY-REVOKED", by=admin.id)


def certificates() -> int:
    return db.session.scalars(select(func.count()).select_from(Certificate)).one()


def test_a_certificate_is_issued(cohort, admin):
    row = make.ready(cohort, make.student("Maya Okafor"))
    certificate = issue(row, admin)
    assert certificate.serial.startswith(f"LGS-SYN-{school.today().year}-000001-")
    assert certificate.completed_on == school.today()
    assert db.session.get_one(Enrolment, row.id).state is EnrolmentState.AWARDED
    assert ledger.values(certificate.entry_seq)["name"] == "Maya Okafor"


def test_the_row_holds_nothing_personal_and_the_entry_holds_the_same_facts(cohort, admin):
    certificate = issue(make.ready(cohort, make.student("Canary Quetzal")), admin)
    entry = db.session.get_one(LedgerEntry, certificate.entry_seq)
    assert "Canary" not in certificate.facts + entry.text
    assert canonical(json.loads(entry.text)["body"]["statement"]["facts"]) == certificate.facts


def test_the_entry_rests_on_the_records_behind_it(cohort, admin):
    row = make.ready(cohort)
    before = db.session.scalars(select(LedgerEntry.hash).order_by(LedgerEntry.seq)).all()
    entry = db.session.get_one(LedgerEntry, issue(row, admin).entry_seq)
    assert json.loads(entry.text)["body"]["statement"]["rests_on"] == before


def test_the_checkpoint_on_the_paper_covers_the_certificates_own_entry(cohort, admin):
    certificate = issue(make.ready(cohort), admin)
    checkpoint = db.session.scalars(select(Checkpoint)).one()
    assert (checkpoint.size, checkpoint.reason) == (certificate.entry_seq, "certificate")
    assert ledger.record(certificate.entry_seq)["checkpoint"]["size"] == certificate.entry_seq
    assert ledger.verify_all().holds


PERSON = "WHERE id = (SELECT user_id FROM enrolment WHERE id = :id)"
BREAKS: dict[str, Callable[[Enrolment], object]] = {
    "Quiz not passed": lambda row: gone(row, "DELETE FROM attempt WHERE enrolment_id = :id AND module_id = 'M02'"),
    "Skill not signed": lambda row: make.sign_skill(row, "S02", make.examiner(), number=2, verdict="not_yet"),
    "entry of hours waits": lambda row: make.propose(row, "lab", 30, make.examiner()),
    "not confirmed yet": lambda row: gone(
        row,
        "UPDATE person SET legal_name_confirmed_at = NULL WHERE id = (SELECT user_id FROM enrolment WHERE id = :id)",
    ),
    "18 or older": lambda row: gone(row, f"UPDATE person SET adult_attested_at = NULL {PERSON}"),
    "on leave": lambda row: gone(row, "UPDATE enrolment SET state = 'LEAVE' WHERE id = :id"),
    "withdrawn": lambda row: gone(row, "UPDATE enrolment SET state = 'WITHDRAWN' WHERE id = :id"),
}


def gone(row: Enrolment, sql: str) -> None:
    """Change what no service would, with the trigger out of the way."""
    with db.write():
        if "attempt" in sql:
            _without_triggers("attempt")
        db.session.execute(text(sql), {"id": row.id})


def _without_triggers(table: str) -> None:
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    names = db.session.scalars(
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
    )
    for name in names.all():
        db.session.execute(text(f"DROP TRIGGER {name}"))


@pytest.mark.parametrize("sentence", BREAKS)
def test_each_missing_requirement_refuses_in_words(cohort, admin, sentence: str):
    row = make.ready(cohort)
    BREAKS[sentence](row)
    with pytest.raises(RuleBroken, match=sentence):
        issue(row, admin)
    assert certificates() == 0
    assert db.session.scalars(select(SerialCounter)).all() == []


def test_the_hours_of_the_course_are_printed_though_more_were_attended(cohort, admin):
    row = make.ready(cohort)
    printed = json.loads(issue(row, admin).facts)
    more = make.ready(cohort)
    teacher = make.examiner()
    make.approve(make.propose(more, "lab", 600, teacher), teacher)
    assert json.loads(issue(more, admin).facts)["hours"] == printed["hours"] != []


def test_missing_hours_refuse_in_numbers(cohort, admin):
    teacher = make.examiner()
    row = factories.enrolment(cohort, make.student())
    for module in ("M01", "M02"):
        make.pass_quiz(row, module)
    for skill in ("S01", "S02"):
        make.sign_skill(row, skill, teacher)
    make.approve(make.propose(row, "theory_online", 120, teacher), teacher)
    make.approve(make.propose(row, "lab", 100, teacher), teacher)
    make.sign_statements(row, but="honour")
    with pytest.raises(RuleBroken, match=r"1\.50? of 2 lab hours"):
        issue(row, admin)
    make.approve(make.propose(row, "lab", 20, teacher), teacher)
    with pytest.raises(RuleBroken, match="Honor"):
        issue(row, admin)


def test_an_old_confirmation_of_the_name_must_be_made_again(cohort, admin):
    row = make.ready(cohort, make.student(legal_name_confirmed_at=clock.now() - timedelta(days=40)))
    with pytest.raises(RuleBroken, match="more than 30 days ago"):
        issue(row, admin)


@pytest.mark.parametrize("role", [Role.STUDENT, Role.INSTRUCTOR, Role.AUDITOR])
def test_other_roles_may_not_issue(cohort, role: Role):
    row = make.ready(cohort)
    with pytest.raises(NotAllowed):
        service.issue(row.id, language="en", by=factories.user(role).id)
    assert certificates() == 0


def test_an_admin_who_was_switched_off_may_not_issue(cohort):
    row = make.ready(cohort)
    with pytest.raises(NotAllowed):
        service.issue(row.id, language="en", by=factories.user(Role.ADMIN, active=False).id)


def test_a_name_that_no_paper_can_print_is_refused_before_anything_is_sealed(cohort, admin):
    row = make.ready(cohort, make.student("Maya \u05d0\u05d1"))
    with pytest.raises(SchoolError, match="no letters for"):
        issue(row, admin)
    assert certificates() == 0


def test_a_certificate_needs_somebody_who_signs_and_its_sentence(app, admin):
    factories.statements(short=False)
    row = make.ready(make.cohort())
    with pytest.raises(RuleBroken, match="Nobody is named to sign"):
        issue(row, admin)
    school.add_signatory(name="Elena", title_en="Director", title_es="Directora", credential="", by=admin.id)
    with pytest.raises(RuleBroken, match="does not license"):
        issue(row, admin)


def test_the_statement_on_the_paper_is_the_one_in_force_at_issue(cohort, admin):
    certificate = issue(make.ready(cohort), admin)
    factories.add(
        Statement(
            key="does-not-license",
            text_en="Newer.",
            text_es="Más nueva.",
            short_en="Newer.",
            effective_from=school.today(),
            source="law",
            created_at=clock.now(),
        )
    )
    jobs.run_waiting()
    assert make.SHORT in papers.text_of(make.document_bytes(certificate.id))


def test_sixteen_at_once_make_one_certificate(cohort, admin, database_url: str, tmp_path):
    """R6"""
    row_id, admin_id = make.ready(cohort).id, admin.id
    other = create_app(settings_for(tmp_path, database_url), testing=True)

    def one(_n: int) -> str:
        with other.app_context():
            try:
                return service.issue(row_id, language="en", by=admin_id).serial
            except RuleBroken:
                return "refused"
            finally:
                db.session.remove()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(16)))
    with other.app_context():
        db.engine.dispose()
    assert answers.count("refused") == 15
    db.session.rollback()
    assert certificates() == 1
    assert ledger.verify_all().holds


def _cut_short(enrolment_id: int, admin) -> None:
    with db.write():
        service.issue(enrolment_id, language="en", by=admin.id)
        raise RuntimeError("power cut")


def test_serials_have_no_gaps_even_after_a_refusal(cohort, admin):
    first, unlucky = issue(make.ready(cohort), admin), make.ready(cohort).id
    with pytest.raises(RuntimeError, match="power cut"):
        _cut_short(unlucky, admin)
    second = issue(make.ready(cohort), admin)
    assert [c.serial[13:19] for c in (first, second)] == ["000001", "000002"]


def test_another_one_only_after_the_first_is_revoked(cohort, admin):
    row = make.ready(cohort)
    first = issue(row, admin)
    with pytest.raises(RuleBroken, match="holds a certificate already"):
        issue(row, admin)
    revoke(first, admin)
    second = issue(row, admin, "es")
    assert (first.edition, second.edition) == (1, 2)
    assert db.session.get_one(Enrolment, row.id).state is EnrolmentState.AWARDED
    rows = service.page(for_=admin)
    assert [service.statuses(rows)[c.id] for c in (first, second)] == [Status.SUPERSEDED, Status.VALID]


def test_a_replacement_needs_every_clause_again(cohort, admin):
    row = make.ready(cohort)
    revoke(issue(row, admin), admin)
    make.propose(row, "lab", 30, make.examiner())
    with pytest.raises(RuleBroken, match="waits for approval"):
        issue(row, admin)


def test_revoking_is_a_new_record_once(cohort, admin):
    certificate = issue(make.ready(cohort), admin)
    row = revoke(certificate, admin, Reason.INTEGRITY)
    entry = db.session.get_one(LedgerEntry, row.entry_seq)
    assert "CANARY" not in entry.text
    assert ledger.values(row.entry_seq) == {"words": "CANARY-REVOKED"}
    with pytest.raises(RuleBroken, match="revoked already"):
        revoke(certificate, admin)
    with pytest.raises(NotAllowed):
        revoke(certificate, factories.user(Role.INSTRUCTOR))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE certificate SET serial = 'X'",
        "DELETE FROM certificate",
        "UPDATE certificate_document SET sha256 = 'X'",
        "DELETE FROM certificate_document",
        "UPDATE revocation SET reason = 'X'",
        "DELETE FROM revocation",
    ],
)
def test_what_was_issued_never_changes(cohort, admin, sql: str):
    certificate = issue(make.ready(cohort), admin)
    jobs.run_waiting()
    revoke(certificate, admin)
    with pytest.raises(DatabaseError), db.write():
        db.session.execute(text(sql))


# ---- the second step ----------------------------------------------------------------------------------------------
def documents() -> list[CertificateDocument]:
    return list(db.session.scalars(select(CertificateDocument)))


def test_killed_between_the_steps_the_worker_makes_exactly_one(cohort, admin, monkeypatch):
    issue(make.ready(cohort), admin)
    assert documents() == []
    with monkeypatch.context() as power_cut:
        power_cut.setattr(paper, "rendered", lambda _certificate: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            jobs.run_waiting()
    assert documents() == []
    with monkeypatch.context() as later:
        now = clock.now()
        later.setattr(clock, "now", lambda: now + timedelta(minutes=3))
        assert jobs.run_waiting() == 1
    assert len(documents()) == 1
    assert [jobs.run_waiting(), jobs.run_waiting()] == [1, 0], "the letter about it, and nothing more"


def test_making_it_again_changes_nothing(cohort, admin):
    certificate = issue(make.ready(cohort), admin)
    jobs.run_waiting()
    entries = ledger.verify_all().size
    service.make_document(certificate.id)
    assert (len(documents()), ledger.verify_all().size) == (1, entries)


def test_two_workers_at_once_make_one_document(cohort, admin, monkeypatch):
    certificate, render = issue(make.ready(cohort), admin), paper.rendered

    def while_another_worker_is_faster(row: Certificate) -> bytes:
        monkeypatch.setattr(paper, "rendered", render)
        service.make_document(row.id)
        return render(row)

    monkeypatch.setattr(paper, "rendered", while_another_worker_is_faster)
    service.make_document(certificate.id)
    assert len(documents()) == 1
    assert ledger.verify_all().holds


def test_the_same_record_gives_the_same_bytes(cohort, admin):
    certificate = issue(make.ready(cohort), admin)
    jobs.run_waiting()
    issue(make.ready(cohort), admin)  # the record has grown and has later checkpoints
    assert paper.rendered(service.get(certificate.id, for_=admin)) == make.document_bytes(certificate.id)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pdf_verifies_offline(app: Flask, admin, language: str):
    make.school_can_issue()
    person = make.student("Nguyễn Thị Phương Thảo", second_name="阮氏芳草", name_lang="vi", locale="es")
    certificate = issue(make.ready(make.cohort(part=True), person), admin, language)
    jobs.run_waiting()
    keys = {key.id: key for key in ledger.public_keys()}
    checked = {
        "certificate.pdf": offline.check(make.document_bytes(certificate.id), keys),
        "record.json": offline.check(canonical(ledger.record(documents()[0].entry_seq)).encode(), keys),
    }
    offline.compare_files(checked)
    assert [f.text for file in checked.values() for f in file.findings if f.state == "broken"] == []
    assert "bytes" in [f.code for f in checked["certificate.pdf"].findings]


def test_every_issue_is_audited_without_personal_words(cohort, admin):
    issue(make.ready(cohort, make.student("Canary Quetzal")), admin)
    events = db.session.scalars(select(AuditEvent)).all()
    assert "certificate.issued" in [event.action for event in events]
    assert "Canary" not in str([event.detail for event in events])
