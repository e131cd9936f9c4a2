"""The signed practical sheet as HTML for `lms.pdf`. Pure."""

from collections.abc import Iterator

from lms import pdf_html, pdf_names
from lms.pdf_html import Words
from lms.pdf_names import spelled
from lms.practicals.types import PrintedSignature, SheetFacts

WORDS = "practicals/document.json"
LONG_NAME, LONG_TITLE = 26, 40  # letters: what is longer is set smaller, so that a sheet stays on its page


def sheet_html(facts: SheetFacts) -> str:
    """Raises UnprintableName where a person's name cannot be set; other words are spelled out at need."""
    t = pdf_html.words(WORDS, facts.template, facts.lang)
    return pdf_html.html(
        "practicals/document.html",
        s=facts,
        t=t,
        lang=facts.lang,
        school=facts.school,
        qr=pdf_html.qr(facts.verify_url),
        address=pdf_html.shown(facts.verify_url),
        long_title=len(facts.skill_title) > LONG_TITLE,
        student=_named(facts.student, facts.student_lang),
        examiner=_named(facts.examiner, facts.examiner_lang),
        observed=_observed(facts, t),
        place=spelled(facts.place),
        partner=spelled(facts.partner),
        steps=_steps(facts),
        sums=" ".join(_sums(facts, t)),
        rating=t["rating_of"].format(rating=facts.rating, label=facts.rating_label),
        feedback=spelled(facts.feedback.strip()),
        signatures=[_signature(by, t) for by in facts.signatures],
        checklist_hash=pdf_html.grouped(facts.checklist_hash, 8),
        entry_seq=f"{facts.entry_seq:,}",
        entry_hash=pdf_html.grouped(facts.entry_hash, 8),
        previous_hash=pdf_html.grouped(facts.previous_hash, 8),
        checkpoint_size=f"{facts.checkpoint_size:,}",
        checkpoint_head=pdf_html.grouped(facts.checkpoint_head, 8),
    )


def printed_verdict(demonstrated: bool, lang: str) -> str:
    """As the paper of today's version says it."""
    words = pdf_html.words(WORDS, SheetFacts.template, "es" if lang == "es" else "en")
    return words["demonstrated" if demonstrated else "not_yet"]


def _named(name: str, lang: str | None) -> dict[str, str]:
    name = pdf_names.tidy(name)
    css = pdf_names.face_class(pdf_names.face(name, lang))
    return {"name": name, "css": f"{css} long" if len(name) > LONG_NAME else css}


def _observed(facts: SheetFacts, t: Words) -> str:
    start, end = facts.observed_from, facts.observed_to
    if end is None:
        return t["observed_on"].format(day=pdf_html.day(start, t), start=f"{start:%H:%M}")
    return t["observed_at"].format(day=pdf_html.day(start, t), start=f"{start:%H:%M}", end=f"{end:%H:%M}")


def _steps(facts: SheetFacts) -> list[dict[str, str | bool]]:
    return [
        {"text": spelled(s.text), "critical": s.critical, "mark": s.mark, "reason": spelled(s.reason)}
        for s in facts.steps
    ]


def _sums(facts: SheetFacts, t: Words) -> Iterator[str]:
    yield t["points"].format(points=facts.points, possible=facts.possible, needed=facts.needed)
    critical = [step for step in facts.steps if step.critical and step.mark != "not_applicable"]
    still_open = sum(step.mark != "independent" for step in critical)
    if still_open:
        yield t["critical_one" if still_open == 1 else "critical_some"].format(open=still_open)
    elif critical:
        yield t["critical_only" if len(critical) == 1 else "critical_all"].format(total=len(critical))
    if facts.observed_to is None:
        return
    minutes = int((facts.observed_to - facts.observed_from).total_seconds()) // 60
    yield t["time_of" if facts.minutes_allowed else "time"].format(minutes=minutes, allowed=facts.minutes_allowed)


def _signature(by: PrintedSignature, t: Words) -> dict[str, str]:
    return {
        "name": pdf_names.tidy(by.name),
        "css": pdf_names.face_class(pdf_names.face(pdf_names.tidy(by.name), by.lang)),
        "role": spelled(by.role),
        "meaning": spelled(by.meaning),
        "day": pdf_html.short_day(by.at, t),
        "time": f"{by.at:%H:%M:%S %Z}",
        "method": spelled(by.method),
    }
