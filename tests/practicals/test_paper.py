"""The paper of a signed sheet prints its record and carries it, so that a stranger can check both."""

import json

import pytest
from flask_babel import force_locale

from lms import pdf_process
from lms.db import db
from lms.ledger import printed
from lms.ledger import service as ledger
from lms.ledger.record import holds, verify_record
from lms.ledger.types import State
from lms.practicals import service
from lms.practicals.rules import Mark
from tests import papers


@pytest.fixture(autouse=True)
def press():
    papers.use_fonts()
    yield
    pdf_process.close()


def paper(browser, sheet_id: int) -> bytes:
    answer = browser.get(f"/sheets/{sheet_id}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return answer.data


def prints_its_record(data: bytes, sheet) -> bool:
    statement = json.loads(ledger.record(sheet.entry_seq)["entry"])["body"]["statement"]
    findings = printed.compare(papers.text_of(data), statement, ledger.values(sheet.entry_seq))
    return {one.state for one in findings} == {State.HOLDS}


def test_the_paper_prints_what_was_signed_and_its_record_verifies(as_, lab):
    sheet = lab.signed(S01_02=Mark.NOT_APPLICABLE)
    service.answer(sheet.id, agreed=True, words="", by=lab.student.id)
    data = paper(as_(lab.student), sheet.id)
    text = papers.text_of(data)
    for words in (
        "Demonstrated in school lab under supervision",
        "Maya Torres",
        "Dana Reyes",
        "Room B",
        "Reason: Not needed today.",
        "Calm hands. Warm hands.",
        "I received this feedback. My signature does not mean that I agree.",
        "Password, at that moment",
        f"LGS-SH-{sheet.signed_at.year}-{sheet.id:06d}",
    ):
        assert words in text
    record = json.loads(papers.attachments_of(data)["record.json"])
    assert holds(verify_record(record, {key.id: key for key in ledger.public_keys()}))
    assert prints_its_record(data, sheet)


def test_a_corrected_sheet_and_its_correction_name_each_other(as_, lab):
    old = lab.signed()
    new = lab.sign(lab.mark(service.amend(old.id, why="Wrong mark.", by=lab.instructor.id)))
    browser = as_(lab.instructor)
    assert f"Corrected by sheet LGS-SH-{new.signed_at.year}-{new.id:06d}" in papers.text_of(paper(browser, old.id))
    assert f"Corrects sheet LGS-SH-{old.signed_at.year}-{old.id:06d}" in papers.text_of(paper(browser, new.id))


def test_a_sheet_signed_in_spanish_is_printed_in_spanish_for_every_reader(as_, lab):
    with force_locale("es_US"):
        sheet = lab.signed()
    data = paper(as_(lab.student), sheet.id)
    assert "Hoja de práctica" in papers.text_of(data)
    assert prints_its_record(data, sheet)


def test_erased_names_are_not_printed(as_, lab):
    sheet = lab.signed()
    ledger.erase(sheet.entry_seq, ["student", "comment"])
    db.session.rollback()
    text = papers.text_of(paper(as_(lab.instructor), sheet.id))
    assert "Maya Torres" not in text
    assert "Name erased" in text
    assert "Warm hands." not in text
