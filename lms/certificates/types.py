"""Everything a certificate of completion prints, as values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

HoursKind = Literal["theory_online", "theory_in_person", "lab", "final_practical", "transfer"]


@dataclass(frozen=True)
class SchoolFacts:
    """The school as its certificate names it; `status` is the approval number or the exemption sentence."""

    name: str
    legal_name: str
    address: str
    phone: str
    web: str
    status: str


@dataclass(frozen=True)
class Signatory:
    name: str
    title: str
    credential: str
    signed_on: date
    image: bytes | None = None  # a PNG of the signature; without it the name is typed after /s/


@dataclass(frozen=True)
class KindOfHours:
    kind: HoursKind
    hours: Decimal


@dataclass(frozen=True)
class CertificateFacts:
    """The printed fields. Texts are in the certificate's language; the statement is the one then in force."""

    paper: Literal["letter", "a4"]
    lang: Literal["en", "es"]
    name: str
    course: str
    version: str
    catalog_year: str
    taught_in: Literal["en", "es"]
    hours_total: Decimal
    hours: tuple[KindOfHours, ...]
    started: date
    completed: date
    issued: date
    school: SchoolFacts
    signatories: tuple[Signatory, ...]  # the director and the lead instructor
    serial: str
    check_code: str
    verify_url: str
    record_hash: str
    checkpoint_size: int
    checkpoint_head: str
    statement: str
    name_lang: str | None = None  # which of the Chinese, Japanese and Korean faces; read aloud in it
    name_second: str | None = None
    name_second_lang: str | None = None
    part_title: str | None = None  # of an edition that is part one: "Part one: foundations"
    duplicate_on: date | None = None
    template: str = "certificate 1.0"
