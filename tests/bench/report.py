"""The table, for people and for programs."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict

from tests.bench.figures import MISSED, Figure

HEAD = ("page", "CPU ms", "ratio", "bar", "spread", "p50 ms", "p95 ms", "")


def table(figures: Sequence[Figure]) -> str:
    """Markdown; the wide columns make it readable as it is."""
    rows = [HEAD, *(_row(one) for one in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def _row(one: Figure) -> tuple[str, ...]:
    ratio = f"{one.value:.2f} × {one.over}" if one.over else ""
    unit = f"≤ {one.bar:g}" + ("" if one.over else " ms") if one.bar is not None else ""
    spread = f"{one.spread:.0%}" if one.spread is not None else ""
    return (one.name, f"{one.cpu_ms:.2f}", ratio, unit, spread, _ms(one.p50_ms), _ms(one.p95_ms), one.verdict)


def _ms(latency: float | None) -> str:
    return "" if latency is None else f"{latency:.1f}"


def as_json(figures: Sequence[Figure], **setting: object) -> str:
    return json.dumps(
        {
            "unit": "server CPU milliseconds a request",
            "machine": {
                "cores": os.cpu_count(),
                "system": platform.platform(),
                "python": platform.python_version(),
            },
            **setting,
            "met": not missed(figures),
            "cases": [{**asdict(one), "verdict": one.verdict} for one in figures],
        },
        indent=1,
    )


def missed(figures: Sequence[Figure]) -> list[str]:
    return [one.name for one in figures if one.verdict == MISSED]
