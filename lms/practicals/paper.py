"""The PDF of a signed sheet: printed from its row and its sealed record, which travels inside the file."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from lms import pdf_process
from lms.accounts.models import User
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.db import db
from lms.i18n import LOCALES, _, long_date
from lms.ledger import chain
from lms.ledger import service as ledger
from lms.ledger.record import bundle_text
from lms.ledger.types import ATTACHMENT, Bundle, Json
from lms.pdf_html import Lang
from lms.practicals.document import sheet_html
from lms.practicals.drafts import Draft, draft_of, marks_of
from lms.practicals.models import Sheet
from lms.practicals.rules import Verdict
from lms.practicals.types import PrintedSignature, PrintedStep, SheetFacts
from lms.practicals.words import MEANINGS, PROOFS, RATINGS, RECEIVED
from lms.school import service as school

PRINTED_STATEMENTS = ("evidence-not-substitute", "does-not-license")  # the first that the edition has


@dataclass(frozen=True)
class Sealed:
    """What the record says about a sheet."""

    record: Bundle
    statement: Json
    received: Json
    prev: str
    seq: int
    values: dict[str, str]

    @property
    def lang(self) -> Lang:
        return cast(Lang, self.statement["meaning"]["language"])


def pdf(sheet: Sheet, *, corrected_by: Sheet | None) -> bytes:
    """`sheet` comes from `service.get`. Raises PdfRefused."""
    record = ledger.record(cast(int, sheet.entry_seq))
    with force_locale(LOCALES[_sealed(record).lang]):
        facts = facts_of(sheet, _sealed(record), corrected_by)
    signed_at = cast(datetime, sheet.signed_at)
    db.session.rollback()  # no transaction stays open while the paper is set
    return pdf_process.render_in_process(
        "sheet",
        sheet_html(facts),
        paper=facts.paper,
        lang=facts.lang,
        attachments=[(ATTACHMENT, bundle_text(record).encode(), "The signed record of this sheet")],
        created=signed_at,
    )


def number_of(sheet: Sheet) -> str:
    """As it is printed: school, year, sheet."""
    return f"{school.current().serial_prefix}-SH-{cast(datetime, sheet.signed_at).year}-{sheet.id:06d}"


def facts_of(sheet: Sheet, sealed: Sealed, corrected_by: Sheet | None) -> SheetFacts:
    version, lang = catalog.get(sheet.enrolment.course_version_id), sealed.lang
    edition = catalog.edition(version.id)
    skill, draft, outcome = edition.skill(sheet.skill_id), draft_of(sheet), sealed.received["outcome"]
    student, examiner = sheet.enrolment.user, sheet.examiner
    return SheetFacts(
        paper="letter",
        lang=lang,
        school=school.head(),
        skill_code=skill.id,
        skill_title=skill.title.get(lang),
        checklist_version=str(version.number),
        checklist_hash=sheet.skill_hash,
        number=number_of(sheet),
        verify_url=f"{current_app.config['BASE_URL']}/sheets/{sheet.id}",
        student=_name(sealed, "student"),
        examiner=_name(sealed, "examiner"),
        student_lang=student.name_lang,
        examiner_lang=examiner.name_lang,
        credential=_credential(sealed),
        observed_from=_local(cast(datetime, sheet.observed_at)),
        observed_to=None,
        place=draft.place,
        partner="",
        steps=_steps(sheet, edition, draft, lang),
        demonstrated=sheet.verdict == Verdict.DEMONSTRATED,
        points=outcome["points"],
        possible=outcome["possible"],
        needed=outcome["needed"],
        rating=cast(int, sheet.rating),
        rating_label=str(RATINGS[cast(int, sheet.rating)]),
        feedback=" ".join(filter(None, [*map(_sentence, draft.chip_texts(skill, lang)), draft.comment])),
        signatures=(_examined(sheet, sealed), *_answered(sheet, student)),
        entry_seq=sealed.seq,
        entry_hash=chain.entry_hash(sealed.record["entry"]),
        previous_hash=sealed.prev,
        checkpoint_size=sealed.record["checkpoint"]["size"],
        checkpoint_head=sealed.record["checkpoint"]["head"],
        statement=_statement(edition, lang),
        corrects=_amended_number(sheet),
        corrected_by=number_of(corrected_by) if corrected_by else None,
    )


def _sealed(record: Bundle) -> Sealed:
    entry: dict[str, Any] = json.loads(record["entry"])
    values = {item["name"]: item["value"] for item in record["values"]}
    body = entry["body"]
    return Sealed(record, body["statement"], body["received"], entry["prev"], entry["seq"], values)


def _name(sealed: Sealed, which: str) -> str:
    """As it was when the sheet was signed."""
    return sealed.values.get(which) or _("Name erased")


def _credential(sealed: Sealed) -> str:
    until = datetime.fromisoformat(sealed.received["signer"]["valid_to"]).date()
    held = sealed.values.get("credential") or sealed.received["signer"]["credential"]
    return _("%(credential)s, valid to %(day)s", credential=held, day=long_date(until))


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(school.current().zone))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _steps(sheet: Sheet, edition: Edition, draft: Draft, lang: str) -> tuple[PrintedStep, ...]:
    marks = marks_of(sheet.id)
    return tuple(
        PrintedStep(step.text.get(lang), step.critical, marks[step.id].value, draft.reasons.get(step.id, ""))
        for step in edition.skill(sheet.skill_id).steps
    )


def _examined(sheet: Sheet, sealed: Sealed) -> PrintedSignature:
    return PrintedSignature(
        name=_name(sealed, "examiner"),
        role=_("Examiner"),
        meaning=sealed.statement["meaning"]["text"],
        at=_local(cast(datetime, sheet.signed_at)),
        method=str(PROOFS.get(sealed.received["auth"]["method"], sealed.received["auth"]["method"])),
        lang=sheet.examiner.name_lang,
    )


def _answered(sheet: Sheet, student: User) -> tuple[PrintedSignature, ...]:
    """The student's countersignature; a sheet that was declined carries no signature of theirs."""
    if sheet.answer is None or not sheet.answer.agreed:
        return ()
    values = ledger.values(sheet.answer.entry_seq)
    return (
        PrintedSignature(
            name=values.get("student") or _("Name erased"),
            role=_("Student"),
            meaning=str(MEANINGS[RECEIVED]),
            at=_local(sheet.answer.at),
            method=str(PROOFS["session"]),
            lang=student.name_lang,
        ),
    )


def _statement(edition: Edition, lang: str) -> str:
    known = {one.id: one for one in edition.statements}
    return next((known[key].short.get(lang) for key in PRINTED_STATEMENTS if key in known), "")


def _amended_number(sheet: Sheet) -> str | None:
    if sheet.amends_id is None:
        return None
    return number_of(db.session.scalars(select(Sheet).filter_by(id=sheet.amends_id)).one())
