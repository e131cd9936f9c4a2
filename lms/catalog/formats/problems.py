"""What is wrong in a course's files: where, what, and how to mend it."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    file: str  # relative to the course's folder
    line: int  # from 1
    what: str
    mend: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.file}:{self.line}: {kind}{self.what} {self.mend}"

    def as_dict(self) -> dict[str, str | int | bool]:
        return asdict(self)
