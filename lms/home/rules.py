"""What comes next for a student: exactly one thing, and what else waits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    STATEMENT = "statement"
    NAME = "name"
    ADULT = "adult"
    ANSWER = "answer"  # a signed sheet waits for the student's countersignature
    ATTEMPT = "attempt"  # a quiz is under way
    LESSON = "lesson"
    QUIZ = "quiz"
    SKILL = "skill"  # practise: an instructor watches next
    WAIT = "wait"  # the school's turn
    CERTIFICATE = "certificate"


@dataclass(frozen=True)
class Thing:
    """One thing to do; `key` says on what (a module, a sheet, a statement)."""

    kind: Kind
    key: str = ""


@dataclass(frozen=True)
class Situation:
    """What is recorded of a student, as far as it decides what comes next."""

    statements: Sequence[str] = ()  # ids of statements to sign
    name_confirmed: bool = True
    adult_attested: bool = True
    answers: Sequence[str] = ()  # ids of signed sheets without the student's answer
    attempt: str | None = None  # id of the open attempt
    lesson_left: bool = False  # a lesson step that is open to read
    quizzes: Sequence[str] = ()  # modules whose quiz may be started now
    skills: Sequence[str] = ()  # skills that may be examined next
    certificate: bool = False


def things(now: Situation) -> list[Thing]:
    """Everything the student can do, the one next thing first.

    Papers come before learning because they take a minute; a quiz under way before new lessons; a lesson's own
    quiz, once it is open, before further lessons.
    """
    if now.certificate:
        return [Thing(Kind.CERTIFICATE)]
    found = [Thing(Kind.ATTEMPT, now.attempt)] if now.attempt else []
    found += [Thing(Kind.STATEMENT, key) for key in now.statements]
    found += [] if now.name_confirmed else [Thing(Kind.NAME)]
    found += [] if now.adult_attested else [Thing(Kind.ADULT)]
    found += [Thing(Kind.ANSWER, key) for key in now.answers]
    found += [Thing(Kind.QUIZ, key) for key in now.quizzes]
    found += [Thing(Kind.LESSON)] if now.lesson_left else []
    found += [Thing(Kind.SKILL, key) for key in now.skills]
    return found or [Thing(Kind.WAIT)]
