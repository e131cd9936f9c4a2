"""Text in both languages of the school, and finding a thing by its id."""

from dataclasses import dataclass
from typing import Protocol, TypeVar


class Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Named)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages; a missing Spanish reads as English."""

    en: str
    es: str = ""

    def get(self, lang: str) -> str:
        return self.es if lang.startswith("es") and self.es else self.en


def find(things: tuple[T, ...], wanted: str) -> T:
    """The thing with that id. Raises KeyError."""
    for thing in things:
        if thing.id == wanted:
            return thing
    raise KeyError(wanted)
