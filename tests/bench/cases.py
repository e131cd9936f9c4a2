"""The pages that are measured, each with its bar: how many times the bare page it may cost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from lms.catalog.items import Item, ItemType
from tests.bench.load import Request
from tests.bench.school import Bench, Browser, Sitting

T = TypeVar("T")
BY_SCRIPT = {"X-Requested-With": "fetch"}


@dataclass(frozen=True)
class Case:
    """`request(n)` is the n-th request of all rounds together."""

    name: str
    bar: float | None
    request: Callable[[int], Request]
    over: str = "bare"

    def requests(self, first: int, many: int) -> list[Request]:
        return [self.request(n) for n in range(first, first + many)]


def cases(bench: Bench) -> list[Case]:
    """The first two are what the others are measured by."""
    return [
        Case("empty", None, lambda _n: Request("/bench/empty"), over=""),
        Case("bare", 8, lambda n: _get("/bench/bare", _student(bench, n)), over="empty"),
        Case("home", 6, lambda n: _get("/home", _student(bench, n))),
        Case("lesson", 4, lambda n: _lesson(bench, n)),
        Case("quiz question", 5, lambda n: _question(bench, n)),
        Case("answer save", 6, lambda n: _answer(bench, n)),
        Case("grading sheet", 6, lambda n: _get(f"/sheets/{_nth(bench.unsigned_sheets, n)}", bench.instructor)),
        Case("readiness board", 25, lambda _n: _get(f"/cohorts/{bench.cohort_id}/readiness", bench.admin)),
        Case("certificate download", 2, lambda n: _certificate(bench, n)),
    ]


def _nth(things: list[T], n: int) -> T:
    return things[n % len(things)]


def _get(path: str, browser: Browser) -> Request:
    return Request(path, browser.cookie)


def _student(bench: Bench, n: int) -> Browser:
    return _nth(bench.students, n)


def _lesson(bench: Bench, n: int) -> Request:
    """The first module is open to everyone."""
    module = bench.edition.modules[0]
    lesson = module.lessons[n % len(module.lessons)]
    step = lesson.steps[n // len(module.lessons) % len(lesson.steps)]
    return _get(f"/learn/{module.id}/{lesson.id}/{step.id}", _student(bench, n))


def _question(bench: Bench, n: int) -> Request:
    sitting, number, _times = _place(bench, n)
    return _get(f"/attempts/{sitting.attempt_id}/{number}", sitting.browser)


def _place(bench: Bench, n: int) -> tuple[Sitting, int, int]:
    """Which quiz, which question of it, and how often all of them came before."""
    sitting, rest = _nth(bench.sittings, n), n // len(bench.sittings)
    return sitting, rest % len(sitting.form) + 1, rest // len(sitting.form)


def _answer(bench: Bench, n: int) -> Request:
    """Each time another answer than before, so that each is stored."""
    sitting, number, times = _place(bench, n)
    line = sitting.form[number - 1]
    item = next(i for m in bench.edition.modules for i in m.items if i.id == line["item"])
    fields = [("csrf_token", sitting.browser.csrf), *(("answer", one) for one in _choice(item, line["options"], times))]
    path = f"/attempts/{sitting.attempt_id}/{number}"
    return Request(path, sitting.browser.cookie, urlencode(fields), headers=BY_SCRIPT)


def _choice(item: Item, options: list[str], times: int) -> list[str]:
    if item.type is ItemType.NUMERIC:
        return [str(20 + times % 2)]
    if item.type is ItemType.MULTIPLE:
        return options[: 1 + times % 2]
    return [options[times % 2]]


def _certificate(bench: Bench, n: int) -> Request:
    browser, certificate_id = _nth(bench.papers, n)
    return _get(f"/certificates/{certificate_id}.pdf", browser)
