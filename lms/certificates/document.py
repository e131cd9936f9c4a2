"""The certificate of completion as HTML for `lms.pdf`. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from lms import pdf_html, pdf_names
from lms.certificates.types import CertificateFacts, Signatory
from lms.pdf_html import Words
from lms.pdf_names import Fit

WORDS = "certificates/document.json"
COURSE_SIZES = (21, 19, 17, 15.5, 14, 13, 12)
SECOND_SIZES = (13, 12, 10.5)
HAND_SIZES = (15.5, 14, 13, 12, 10.5)
COURSE_WIDTH, HAND_WIDTH = 225.0, 58.0  # mm, measured in the display face, the widest
NAME_PLACE = {  # mm of height: alone, under a part's title, over a second name, between both
    "letter": (24.0, 18.6, 15.5, 10.6),
    "a4": (22.4, 17.2, 14.3, pdf_names.TIGHTEST_HEIGHT),
}


@dataclass(frozen=True)
class Signed:
    """One signature as the template prints it."""

    name: str
    title: str
    credential: str
    day: str
    image: str | None
    hand: Fit | None  # the typed signature, where there is no picture of one
    face: str


def certificate_html(facts: CertificateFacts) -> str:
    """Raises UnprintableName or DoesNotFit where a name cannot be set."""
    t = pdf_html.words(WORDS, facts.template, facts.lang)
    dates = {"started": facts.started, "completed": facts.completed, "issued": facts.issued}
    return pdf_html.html(
        "certificates/document.html",
        c=facts,
        t=t,
        name=pdf_names.fit(facts.name, facts.name_lang, height=_name_height(facts)),
        second=_second(facts),
        course=pdf_names.fit(facts.course, width=COURSE_WIDTH, sizes=COURSE_SIZES, two_lines=False),
        total=_number(facts.hours_total),
        hours=_hours(facts),
        fractions=any(line.hours % 1 for line in facts.hours),
        dates={name: pdf_html.day(of, t) for name, of in dates.items()},
        duplicate=pdf_html.day(facts.duplicate_on, t) if facts.duplicate_on else None,
        signatures=[_signed(signatory, t) for signatory in facts.signatories],
        address=pdf_html.shown(facts.verify_url),
        qr=pdf_html.qr(facts.verify_url),
        record=pdf_html.grouped(facts.record_hash, 8),
        checkpoint_size=f"{facts.checkpoint_size:,}",
        checkpoint_head=pdf_html.grouped(facts.checkpoint_head, 8),
    )


def _name_height(facts: CertificateFacts) -> float:
    return NAME_PLACE[facts.paper][bool(facts.part_title) + 2 * bool(facts.name_second)]


def _second(facts: CertificateFacts) -> Fit | None:
    if not facts.name_second:
        return None
    return pdf_names.fit(facts.name_second, facts.name_second_lang, sizes=SECOND_SIZES, two_lines=False)


def _signed(signatory: Signatory, t: Words) -> Signed:
    return Signed(
        name=pdf_names.tidy(signatory.name),
        title=signatory.title,
        credential=signatory.credential,
        day=pdf_html.day(signatory.signed_on, t),
        image=pdf_html.picture(signatory.image) if signatory.image else None,
        hand=None if signatory.image else _hand(signatory.name),
        face=pdf_names.detail_class(signatory.name),
    )


def _hand(name: str) -> Fit:
    return pdf_names.fit(name, width=HAND_WIDTH, sizes=HAND_SIZES, two_lines=False)


def _hours(facts: CertificateFacts) -> list[tuple[str, str]]:
    """Whole hours stand under whole hours: the face has no figure space, but two word spaces are as wide."""
    most = max((len(str(int(line.hours))) for line in facts.hours), default=0)
    padded = ("\u00a0\u00a0" * (most - len(str(int(line.hours)))) for line in facts.hours)
    return [(pad + _number(line.hours), line.kind) for pad, line in zip(padded, facts.hours, strict=True)]


def _number(hours: Decimal) -> str:
    return f"{hours.normalize():f}"
