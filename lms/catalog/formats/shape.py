"""The words every shape of a file is made of; unknown keys are refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lms.catalog.text import Text

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Percent = Annotated[int, Field(ge=1, le=100)]
Minutes = Annotated[int, Field(ge=0, le=6000)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pair(Shape):
    en: Words
    es: Words

    def text(self) -> Text:
        return Text(self.en, self.es)
