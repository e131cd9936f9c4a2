"""A QR code as the path of an SVG. Pure."""

from itertools import groupby

import segno


def path(url: str) -> tuple[str, int]:
    """One run of dark squares a stroke, and how many squares wide the code is. In capitals it needs fewer."""
    rows = list(segno.make(url.upper(), error="m", micro=False).matrix)
    strokes = (f"M{x} {y}h{n}v1h-{n}z" for y, row in enumerate(rows) for x, n in _runs(row))
    return "".join(strokes), len(rows)


def _runs(row: bytearray) -> list[tuple[int, int]]:
    """(from, how many) of each run of dark squares."""
    found, x = [], 0
    for dark, squares in groupby(row):
        n = len(list(squares))
        if dark:
            found.append((x, n))
        x += n
    return found
