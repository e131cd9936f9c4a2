"""The words of a sheet: in a draft until it is signed, behind the record's commitments after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import delete, select

from lms.catalog.types import Skill
from lms.db import db
from lms.ledger import service as ledger
from lms.practicals.models import Sheet, SheetWords, StepMark
from lms.practicals.rules import Changes, Mark

REASON = "reason "  # a value of the record for each step that does not apply: "reason S01-02"


@dataclass(frozen=True)
class Draft:
    """What an examiner wrote beside the marks."""

    comment: str = ""
    chips: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    why: str = ""  # what a correction corrects

    def changed(self, changes: Changes) -> "Draft":
        return replace(
            self,
            comment=self.comment if changes.comment is None else changes.comment,
            chips=self.chips if changes.chips is None else changes.chips,
            reasons={step: words for step, words in {**self.reasons, **changes.reasons}.items() if words},
        )

    def chip_texts(self, skill: Skill, lang: str) -> list[str]:
        return [chip.text.get(lang) for chip in skill.chips if chip.id in self.chips]


def marks_of(sheet_id: int) -> dict[str, Mark]:
    query = select(StepMark.step_id, StepMark.mark).filter_by(sheet_id=sheet_id)
    return {row.step_id: Mark(row.mark) for row in db.session.execute(query)}


def draft_of(sheet: Sheet) -> Draft:
    """Of an unsigned sheet from its draft, of a signed one from the record; what was erased there is empty."""
    if sheet.entry_seq is None:
        stored = db.session.scalar(select(SheetWords.words).filter_by(sheet_id=sheet.id)) or {}
        return Draft(**{**stored, "chips": tuple(stored.get("chips", ()))})
    values = ledger.values(sheet.entry_seq)
    return Draft(
        comment=values.get("comment", ""),
        chips=tuple(filter(None, values.get("chips", "").split(","))),
        reasons={name.removeprefix(REASON): v for name, v in values.items() if name.startswith(REASON)},
        place=values.get("place", ""),
        why=values.get("why", ""),
    )


def values_of(draft: Draft, steps: Iterable[str]) -> dict[str, str]:
    """As values of the record; reasons only for `steps`."""
    values = {"place": draft.place, "comment": draft.comment, "chips": ",".join(draft.chips), "why": draft.why}
    values |= {REASON + step: draft.reasons[step] for step in steps}
    return {name: value for name, value in values.items() if value}


def keep(sheet_id: int, draft: Draft) -> None:
    """Store the draft, inside the surrounding write."""
    words: dict[str, Any] = {
        "comment": draft.comment,
        "chips": list(draft.chips),
        "reasons": dict(draft.reasons),
        "place": draft.place,
        "why": draft.why,
    }
    row = db.session.get(SheetWords, sheet_id)
    if row is None:
        db.session.add(SheetWords(sheet_id=sheet_id, words=words))
    else:
        row.words = words


def drop(sheet_id: int) -> None:
    db.session.execute(delete(SheetWords).where(SheetWords.sheet_id == sheet_id))
