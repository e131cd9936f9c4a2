"""Invented facts for papers, and ways to read a finished PDF."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw
from pypdf import PdfReader

from lms import fonts
from lms.catalog.types import Skill
from lms.certificates.types import CertificateFacts, KindOfHours, SchoolFacts, Signatory
from lms.practicals.types import BlankFacts, BlankStep, PrintedSignature, PrintedStep, SheetFacts
from lms.school.types import SchoolHead

FONTS = Path(__file__).parents[1] / "var" / "cache" / "fonts"  # as development has them: made once per machine
CREATED = datetime(2026, 11, 20, 17, 4, tzinfo=UTC)
HASH = "9f2c61d07b3ea85412cd90fe6b7738d1a4405c9e2f81b6637d0c5ae914f3b28d"
STATEMENT = {
    "en": "Record of training only. Not a license or a CAMTC certificate. The supervising physical therapist must "
    "separately evaluate and document competency.",
    "es": "Constancia de formación únicamente. No es una licencia ni un certificado de CAMTC. El fisioterapeuta "
    "supervisor debe evaluar y documentar por separado la competencia.",
}
COURSE = {
    "en": "Physical Therapy Aide: Massage Techniques for Rehabilitation",
    "es": "Auxiliar de fisioterapia: técnicas de masaje para la rehabilitación",
}
SCHOOL = SchoolFacts(
    name="Los Gatos School of Massage",
    legal_name="Steady Hands Education LLC, doing business as Los Gatos School of Massage",
    address="200 Sample Avenue, Suite 4, Los Gatos, California 95030",
    phone="+1 408 555 0142",
    web="losgatosmassage.example",
    status="Exempt from approval by the California Bureau for Private Postsecondary Education under Education Code "
    "section 94874. This course is not approved by CAMTC.",
)
FULL = (("theory_online", "36"), ("theory_in_person", "12"), ("lab", "48"), ("final_practical", "4"))
PART_ONE = (("theory_online", "7.25"), ("theory_in_person", "2.75"), ("lab", "8"))


def use_fonts() -> None:
    """Other tests may have pointed this process elsewhere."""
    fonts.use(FONTS)
    fonts.ready()


@cache
def signature_png() -> bytes:
    """A drawn scrawl, gray on white."""
    image = Image.new("L", (480, 140), 255)
    points = [(20 + 11 * i, 70 + (38 - i) * ((i * 7) % 5 - 2) / 2) for i in range(40)]
    ImageDraw.Draw(image).line(points, fill=20, width=4, joint="curve")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def hours(lines: tuple[tuple[Any, str], ...]) -> tuple[KindOfHours, ...]:
    return tuple(KindOfHours(kind, Decimal(number)) for kind, number in lines)


def certificate(lang: Any = "en", **changes: Any) -> CertificateFacts:
    director = {"en": "School director", "es": "Directora de la escuela"}[lang]
    lead = {"en": "Lead instructor, physical therapist", "es": "Instructor principal, fisioterapeuta"}[lang]
    facts = CertificateFacts(
        paper="letter",
        lang=lang,
        name="Maya Okafor",
        course=COURSE[lang],
        version="3",
        catalog_year="2026–2027",
        taught_in=lang,
        hours_total=Decimal(100),
        hours=hours(FULL),
        started=date(2026, 9, 7),
        completed=date(2026, 11, 18),
        issued=date(2026, 11, 20),
        school=SCHOOL,
        signatories=(
            Signatory("Elena Marchetti", director, "CMT 00000", date(2026, 11, 20), signature_png()),
            Signatory("Tomás Herrera-Quiñones", lead, "PT 00000", date(2026, 11, 20)),
        ),
        serial="LGS-MTR-2026-000123-7",
        check_code="7Q4M-2KXD",
        verify_url="https://losgatosmassage.example/verify/7Q4M2KXD9HTPW3RA",
        record_hash=HASH[::-1],
        checkpoint_size=4812,
        checkpoint_head=HASH,
        statement=STATEMENT[lang],
    )
    return replace(facts, **changes)


def part_one(lang: Any = "en", **changes: Any) -> CertificateFacts:
    title = {"en": "Part one: foundations", "es": "Primera parte: fundamentos"}[lang]
    return certificate(lang, **{"part_title": title, "hours_total": Decimal(18), "hours": hours(PART_ONE), **changes})


STEPS = (
    ("Reads the order; confirms the side with the patient", True),
    ("Asks the clot questions; compares both calves by eye before touch", True),
    ("States when to stop and call the PT: swelling, heat, color or tenderness on one side", True),
    ("Consent and pain number", True),
    ("Position prone or supine with knee slightly bent and supported", False),
    ("Drapes one leg", False),
    ("Effleurage first, light", False),
    ("Lifts and rolls the muscle belly with alternate hands, no skin pinch", False),
    ("Avoids the back of the knee and the bone edge of the shin", True),
    ("Rhythm even; pressure within the order", False),
    ("Checks pressure and adapts", False),
    ("Watches face and guarding", False),
    ("Ends with effleurage toward the knee, then light", False),
    ("Wipes off lubricant (slip hazard)", False),
    ("Pain number, skin check, report", False),
)


HEAD = SchoolHead(SCHOOL.name, SCHOOL.address, SCHOOL.phone, SCHOOL.web)


def steps(**marks: str) -> tuple[PrintedStep, ...]:
    """All independent, but for the ones named as in n2="prompted"; what does not apply has its reason."""
    return tuple(
        PrintedStep(text, critical, mark, "Already draped." if mark == "not_applicable" else "")  # type: ignore[arg-type]
        for number, (text, critical) in enumerate(STEPS, 1)
        for mark in [marks.get(f"n{number}", "independent")]
    )


def sheet(lang: Any = "en", **changes: Any) -> SheetFacts:
    def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
        return datetime(2026, 10, day, hour, minute, second, tzinfo=ZoneInfo("America/Los_Angeles"))

    thao, maya, tomas = "Nguyễn Thị Phương Thảo", "Maya Okafor", "Tomás Herrera-Quiñones"
    watched = "I observed this in person, and these marks are my own judgment."
    received = "I received this feedback. My signature does not mean that I agree."
    reviewed = "I reviewed this record. I did not watch."
    facts = SheetFacts(
        paper="letter",
        lang=lang,
        school=HEAD,
        skill_code="S05",
        skill_title="Petrissage to the calf",
        checklist_version="2",
        checklist_hash=HASH[::-1],
        number="LGS-SH-2026-000512",
        verify_url="https://losgatosmassage.example/verify/9HTP7Q4RK3M8W2XD",
        student=maya,
        examiner=thao,
        credential="CMT 00000, valid to June 30, 2028",
        observed_from=at(8, 10, 12),
        observed_to=at(8, 10, 20),
        place="School lab, table 3",
        partner="Another student, with consent",
        steps=steps(),
        demonstrated=True,
        points=24,
        possible=25,
        needed=20,
        rating=4,
        rating_label="smooth, adapts",
        feedback="Warm, even rhythm. Look up at the face more often.",
        signatures=(
            PrintedSignature(thao, "Examiner, CMT 00000", watched, at(8, 10, 31, 7), "Passkey, user verified"),
            PrintedSignature(maya, "Student", received, at(8, 10, 33, 40), "Password and code, at that moment"),
            PrintedSignature(tomas, "Countersigner, PT 00000", reviewed, at(9, 8, 5, 12), "Passkey, user verified"),
        ),
        entry_seq=3977,
        entry_hash=HASH[8:] + HASH[:8],
        previous_hash=HASH[24:] + HASH[:24],
        checkpoint_size=3981,
        checkpoint_head=HASH,
        statement=STATEMENT[lang],
        minutes_allowed=10,
    )
    return replace(facts, **changes)


def blank(skill: Skill, lang: Any) -> BlankFacts:
    points = sum(step.points for step in skill.steps)
    return BlankFacts(
        paper="letter",
        lang=lang,
        school=HEAD,
        skill_code=skill.id,
        skill_title=skill.title.get(lang),
        checklist_version="3",
        checklist_hash=skill.hash,
        url=f"https://losgatosmassage.example/checklists/{skill.id}",
        steps=tuple(
            BlankStep(s.text.get(lang), s.critical, s.na_allowed, s.text.en if lang == "es" and s.critical else "")
            for s in skill.steps
        ),
        pending=lang == "es",
        minutes=skill.time_limit_minutes,
        critical_points=2,
        points=points,
        needed=-(-points * skill.pass_percent // 100),
        min_rating=skill.min_rating,
        ratings=("Unsafe", "Needs close help", "Safe and adequate under supervision", "Smooth, adapts", "Exemplary"),
    )


def not_yet(lang: Any = "en", **changes: Any) -> SheetFacts:
    marks = steps(n2="prompted", n6="not_applicable", n12="not_yet")
    feedback = "Ask every clot question before you touch. Next try from October 10, after the practice plan."
    wanting = {
        "steps": marks,
        "demonstrated": False,
        "points": 21,
        "possible": 24,
        "rating": 3,
        "feedback": feedback,
    }
    return sheet(lang, **{**wanting, **changes})


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def pages_of(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def glyphs_of(pdf: bytes) -> list[int]:
    """The glyph numbers that the pages show; 0 is the box of a letter that no font has."""
    shown = b"".join(page.get_contents().get_data() for page in PdfReader(io.BytesIO(pdf)).pages)  # type: ignore[union-attr]
    strings = [
        run for line in re.findall(rb"\[([^\]]*)\] ?TJ|(<[0-9a-f]+>) ?Tj", shown) for run in b"".join(line).split(b"<")
    ]
    codes = [run.split(b">")[0] for run in strings if b">" in run]
    return [int(code[at : at + 4], 16) for code in codes for at in range(0, len(code), 4)]


def fonts_of(pdf: bytes) -> set[str]:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return {font["/BaseFont"].split("+")[1] for page in pages for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]


def attachments_of(pdf: bytes) -> dict[str, bytes]:
    return {name: data[0] for name, data in PdfReader(io.BytesIO(pdf)).attachments.items()}
