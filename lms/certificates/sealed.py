"""What a certificate prints, as it is sealed: facts in the statement, personal words behind commitments. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms import pdf_html
from lms.certificates import document
from lms.certificates.types import CertificateFacts, KindOfHours, SchoolFacts, Signatory
from lms.ledger.types import Bundle, Json

TEMPLATE = "certificate 1.0"
QUARTER = 15  # minutes


@dataclass(frozen=True, slots=True)
class Sealing:
    """The facts that stand in the entry, and the words that are only committed to."""

    facts: Json
    values: dict[str, str]


def sealing(facts: Json, *, name: str, name_second: str | None, signatories: Sequence[tuple[str, str, str]]) -> Sealing:
    """`signatories` are (name, title, credential); titles are no secret, names and credentials are personal."""
    values = {"name": name} | ({"name_second": name_second} if name_second else {})
    for place, (who, _title, credential) in enumerate(signatories, 1):
        values[f"signatory_{place}"] = who
        if credential:
            values[f"signatory_{place}_credential"] = credential
    titles = [title for _who, title, _credential in signatories]
    return Sealing({**facts, "signatories": titles, "template": TEMPLATE}, values)


def unsealed(facts: Json, values: Mapping[str, str], record_hash: str, record: Bundle) -> CertificateFacts:
    """Everything that is printed, from the record alone. Raises KeyError where a value was erased."""
    issued = date.fromisoformat(facts["issued"])
    return CertificateFacts(
        paper=facts["paper"],
        lang=facts["lang"],
        name=values["name"],
        course=facts["course"],
        version=facts["version"],
        catalog_year=facts["catalog_year"],
        taught_in=facts["taught_in"],
        hours_total=Decimal(facts["hours_total"]),
        hours=tuple(KindOfHours(line["kind"], Decimal(line["hours"])) for line in facts["hours"]),
        started=date.fromisoformat(facts["started"]),
        completed=date.fromisoformat(facts["completed"]),
        issued=issued,
        school=SchoolFacts(**facts["school"]),
        signatories=tuple(
            Signatory(values[f"signatory_{n}"], title, values.get(f"signatory_{n}_credential", ""), issued)
            for n, title in enumerate(facts["signatories"], 1)
        ),
        serial=facts["serial"],
        check_code=facts["check_code"],
        verify_url=facts["verify_url"],
        record_hash=record_hash,
        checkpoint_size=record["checkpoint"]["size"],
        checkpoint_head=record["checkpoint"]["head"],
        statement=facts["statement"],
        name_lang=facts["name_lang"] or None,
        name_second=values.get("name_second"),
        part_title=facts["part_title"] or None,
        template=facts["template"],
    )


def printed(facts: Json, values: Mapping[str, str]) -> Json:
    """Which words must stand on the page, for whoever checks the paper against its record."""
    t = pdf_html.words(document.WORDS, facts["template"], facts["lang"])
    words = {
        "serial": facts["serial"],
        "check code": facts["check_code"],
        "course": facts["course"],
        "version": f"{t['version']} {facts['version']}",
        "hours": f"{facts['hours_total']} {t['hours_total']}",
        **{line["kind"]: f"{line['hours']} {t['kinds'][line['kind']]}" for line in facts["hours"]},
        **{day: pdf_html.day(date.fromisoformat(facts[day]), t) for day in ("started", "completed", "issued")},
        "part": facts["part_title"],
        "school": facts["school"]["legal_name"],
        "approval": facts["school"]["status"],
        "verify": pdf_html.shown(facts["verify_url"]),
        "statement": facts["statement"],
    }
    return {"facts": {label: text for label, text in words.items() if text}, "values": sorted(values)}


def clock_hours(minutes: Mapping[str, int]) -> list[dict[str, str]]:
    """Hours by kind as printed: quarters that add up to the total rounded down, so that a reader's sum is the total.

    A quarter that rounding each kind would lose goes to the kind that is nearest to it.
    """
    quarters = {kind: count // QUARTER for kind, count in minutes.items() if count}
    lost = sum(minutes.values()) // QUARTER - sum(quarters.values())
    for kind in sorted(quarters, key=lambda kind: -(minutes[kind] % QUARTER))[:lost]:
        quarters[kind] += 1
    return [{"kind": kind, "hours": _plain(count)} for kind, count in quarters.items() if count]


def total(minutes: Mapping[str, int]) -> str:
    return _plain(sum(minutes.values()) // QUARTER)


def _plain(quarters: int) -> str:
    """Hours without idle zeros."""
    return f"{(Decimal(quarters) / 4).normalize():f}"
