"""From what was measured to what is said about it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

NOISY = 0.15
MET, MISSED, TOO_NOISY, NO_BAR = "met", "missed", "too noisy", ""


@dataclass(frozen=True)
class Figure:
    """One row of the table. `value` is what the bar is about: times another page, or milliseconds themselves."""

    name: str
    over: str  # "bare", "empty", or "" for milliseconds
    cpu_ms: float
    value: float
    spread: float | None  # None where the rounds are too few to say
    bar: float | None
    p50_ms: float | None = None
    p95_ms: float | None = None

    @property
    def verdict(self) -> str:
        if self.bar is None:
            return NO_BAR
        if self.value > self.bar:
            return MISSED
        return TOO_NOISY if self.spread is not None and self.spread > NOISY else MET


def spread(values: Sequence[float]) -> float | None:
    """The width of the middle half of the rounds over their median: one spoiled round does not count."""
    if len(values) < 3:
        return None
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


def figure(
    name: str,
    milliseconds: Sequence[float],
    *,
    over: str = "",
    against: Sequence[float] | None = None,
    bar: float | None,
    latencies: Sequence[float] = (),
) -> Figure:
    """`milliseconds` and `against` are CPU a request, round by round: a round's ratio is of pages measured together."""
    values = [a / b for a, b in zip(milliseconds, against, strict=True)] if against else list(milliseconds)
    told = sorted(1000 * one for one in latencies)
    return Figure(
        name=name,
        over=over,
        cpu_ms=median(milliseconds),
        value=median(values),
        spread=spread(values),
        bar=bar,
        p50_ms=told[len(told) // 2] if told else None,
        p95_ms=told[len(told) * 95 // 100] if told else None,
    )
