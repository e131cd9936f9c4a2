"""Everything a signed practical sheet prints, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lms.school.types import SchoolHead

PrintedMark = Literal["independent", "prompted", "not_yet", "not_applicable"]


@dataclass(frozen=True)
class PrintedStep:
    text: str
    critical: bool
    mark: PrintedMark
    reason: str = ""  # why it does not apply


@dataclass(frozen=True)
class PrintedSignature:
    """Who signed, with which meaning, when (in the school's zone) and how it was made sure who it was."""

    name: str
    role: str
    meaning: str
    at: datetime
    method: str
    lang: str | None = None


@dataclass(frozen=True)
class SheetFacts:
    """The printed fields of a signed sheet. Texts are in the sheet's language, times in the school's zone."""

    paper: Literal["letter", "a4"]
    lang: Literal["en", "es"]
    school: SchoolHead
    skill_code: str
    skill_title: str
    checklist_version: str
    checklist_hash: str
    number: str
    verify_url: str
    student: str
    examiner: str
    credential: str
    observed_from: datetime
    observed_to: datetime | None  # None where the examiner gave one time, not two
    place: str
    partner: str
    steps: tuple[PrintedStep, ...]
    demonstrated: bool
    points: int
    possible: int
    needed: int
    rating: int
    rating_label: str
    feedback: str
    signatures: tuple[PrintedSignature, ...]
    entry_seq: int
    entry_hash: str
    previous_hash: str
    checkpoint_size: int
    checkpoint_head: str
    statement: str
    minutes_allowed: int | None = None
    student_lang: str | None = None
    examiner_lang: str | None = None
    corrects: str | None = None  # the number of the sheet that this one amends
    corrected_by: str | None = None  # the number of the sheet that counts in its place
    template: str = "sheet 1.0"


@dataclass(frozen=True)
class BlankStep:
    text: str
    critical: bool
    na_allowed: bool
    english: str = ""  # stands below it


@dataclass(frozen=True)
class BlankFacts:
    """The printed fields of a paper checklist. Texts are in its language."""

    paper: Literal["letter", "a4"]
    lang: Literal["en", "es"]
    school: SchoolHead
    skill_code: str
    skill_title: str
    checklist_version: str
    checklist_hash: str
    url: str
    steps: tuple[BlankStep, ...]
    minutes: int
    critical_points: int
    points: int
    needed: int
    min_rating: int
    ratings: tuple[str, ...]
    pending: bool = False  # the Spanish waits for a bilingual clinician
    template: str = "blank 1.0"
