"""The words every shape of a file is made of; unknown keys are refused, and nothing is taken for what it is not."""

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from lms.catalog.text import Text

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Whole = Annotated[int, Strict()]  # else pydantic takes true for 1, and "2" for 2
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
YesNo = Annotated[bool, Strict()]
Percent = Annotated[Whole, Field(ge=1, le=100)]
Minutes = Annotated[Whole, Field(ge=0, le=6000)]


def _written_day(value: object) -> date:
    """Only 2026-11-23: pydantic alone would read a number as seconds since 1970."""
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "this is no day of the calendar")


Day = Annotated[date, BeforeValidator(_written_day)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pair(Shape):
    en: Words
    es: Words

    def text(self) -> Text:
        return Text(self.en, self.es)
