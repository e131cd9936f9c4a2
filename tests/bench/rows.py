"""Rows on their way into the database, and the students they are of."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import func, insert, select, update

from lms.catalog.types import Edition
from lms.db import db
from lms.practicals.models import Sheet
from lms.quizzes.models import Attempt
from tests.bench.record import Act, number, seal_all


@dataclass(frozen=True)
class Staff:
    """The instructor who watches and approves."""

    id: int
    name: str
    credential: str


@dataclass(frozen=True)
class Journey:
    """How far one student came: `modules` whole ones, then half of the next, or all of it and half of its quiz."""

    enrolment_id: int
    user_id: int
    name: str
    began: datetime
    modules: int
    at_quiz: bool
    behind: bool  # one skill under way instead of signed
    stumbles: bool  # needs a second try now and then
    statements: tuple[tuple[int, str], ...]


@dataclass
class Rows:
    """Rows by table, with the numbers they will have."""

    edition: Edition
    instructor: Staff
    by_table: dict[Any, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    submitted: list[dict[str, Any]] = field(default_factory=list)
    signed: list[dict[str, Any]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    ids: dict[Any, Iterator[int]] = field(default_factory=dict)

    def add(self, model: Any, **values: Any) -> dict[str, Any]:
        self.by_table[model].append(values)
        return values

    def numbered(self, model: Any, **values: Any) -> dict[str, Any]:
        """After those that are stored already."""
        if model not in self.ids:
            self.ids[model] = count(1 + (db.session.scalar(select(func.max(model.id))) or 0))
        return self.add(model, id=next(self.ids[model]), **values)


def store(rows: Rows) -> None:
    """What is frozen by a parent's signature goes in before it, as in the application."""
    with db.write():
        number(rows.acts)
        seal_all(rows.acts)
        for model, values in sorted(rows.by_table.items(), key=lambda pair: _depth(pair[0])):
            db.session.execute(insert(model), values)
        db.session.execute(update(Attempt), rows.submitted)
        db.session.execute(update(Sheet), rows.signed)


def _depth(model: Any) -> int:
    """Parents first."""
    return db.metadata.sorted_tables.index(model.__table__)
