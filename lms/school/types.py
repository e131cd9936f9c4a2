"""The school as papers name it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SchoolHead:
    """The head of a paper."""

    name: str
    address: str
    phone: str
    web: str
