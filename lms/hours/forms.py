from datetime import date, datetime, time
from typing import cast
from zoneinfo import ZoneInfo

from wtforms import DateField, IntegerField, RadioField, SelectMultipleField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional

from lms.catalog.types import Edition
from lms.cohorts.models import Enrolment
from lms.forms import Form, SelectChoice
from lms.hours.rules import IN_PERSON, Kind
from lms.hours.words import KINDS
from lms.i18n import lazy


class RosterForm(Form):
    """Who was there. `planned` is one of the edition's classes, or a kind of its own."""

    planned = RadioField(lazy("Class"), validators=[InputRequired(lazy("Choose which class this was."))])
    held_on = DateField(lazy("Date"), [InputRequired()])
    starts = TimeField(lazy("From"), [InputRequired()])
    ends = TimeField(lazy("To"), [InputRequired()])
    breaks = IntegerField(lazy("Minutes of breaks"), [Optional(), NumberRange(0, 240)], default=0)
    present = SelectMultipleField(lazy("Who was there from start to end"), coerce=int)

    def offer(self, edition: Edition, people: list[Enrolment], lang: str) -> None:
        planned = [
            SelectChoice(f"{kind}:{row.id}", f"{row.id} · {row.title.get(lang)}")
            for module in edition.modules
            for row in module.sessions
            for kind in (row.kind.value,)
        ]
        self.planned.choices = planned + [SelectChoice(f"{kind}:", KINDS[kind]) for kind in IN_PERSON]
        self.present.choices = [SelectChoice(row.id, row.user.legal_name) for row in people]

    @property
    def kind(self) -> Kind:
        return Kind((self.planned.data or "").split(":")[0])

    @property
    def session_id(self) -> str | None:
        return (self.planned.data or "").split(":")[1] or None

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """The class as instants, read on the school's clock."""
        day, starts, ends = (
            cast(date, self.held_on.data),
            cast(time, self.starts.data),
            cast(time, self.ends.data),
        )
        local = ZoneInfo(zone)
        return datetime.combine(day, starts, local), datetime.combine(day, ends, local)


class DecideForm(Form):
    entries = SelectMultipleField(lazy("Entries"), coerce=int)
