"""What can go wrong, in the school's own terms. Nothing here knows about HTTP."""

from collections.abc import Mapping


class SchoolError(Exception):
    """Base of everything a person is told in words."""


class RuleBroken(SchoolError):
    """The school's rules forbid it; the message is shown to the person who tried."""


class NotAllowed(SchoolError):
    """The person lacks the permission."""


class NotFound(SchoolError):
    """There is no such thing, or it does not exist for this person: both answer alike."""


class Conflict(SchoolError):
    """Somebody saved the same record since this person opened it.

    `current` holds what is stored now, field by field, as text; `version` the number to send next time.
    """

    def __init__(self, current: Mapping[str, str], version: int) -> None:
        super().__init__("Somebody saved this record while you were writing.")
        self.current, self.version = dict(current), version


class OtherBody(SchoolError):
    """The same act was sent before with other words; nothing was done this time."""

    def __init__(self, location: str | None) -> None:
        super().__init__("This form was already sent with other words.")
        self.location = location


class TooManyTries(SchoolError):
    """A limit shared by all workers was reached."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many tries.")
        self.retry_after = retry_after


class UnsafeConfiguration(SchoolError):
    """Production refuses to start; each problem is one sentence with its remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
