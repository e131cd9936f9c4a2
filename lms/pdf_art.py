"""Quiet line work, drawn once per sheet size as PDF operators and put under the page. Pure.

Everything here is decoration: one /Artifact in the content stream, so that screen readers never meet it and
a certificate pays nothing for it. Units are millimetres from the top left, like the CSS. The motif: five
strands, the trace that five fingers leave in one long gliding stroke.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from math import cos, pi, sin

Point = tuple[float, float]
Curve = Callable[[float], Point]
Ink = tuple[float, float, float]

PINE: Ink = (0.043, 0.365, 0.322)
CLAY: Ink = (0.659, 0.247, 0.165)
SHEETS = {
    "letter": (279.4, 215.9),
    "a4": (297.0, 210.0),
    "letter-portrait": (215.9, 279.4),
    "a4-portrait": (210.0, 297.0),
}
NAME_RULE = {"letter": 91.2, "a4": 88.0}  # the line under the name: certificates/document.css builds on it
SCHOOL_RULE = {"letter": 170.6, "a4": 165.1}  # the hairline above the school's particulars
FRAME_INSET = 16.6  # nothing printed may touch the frame
HAIR = 0.13
MARK = (  # four fingers and a thumb on a grid of 24: each stroke one cubic
    ((3.6, 8.6), (3.4, 13.4), (5.2, 18.2), (8.6, 21.6)),
    ((8.1, 4.0), (7.6, 10.0), (8.4, 16.2), (11.0, 20.6)),
    ((12.7, 2.2), (12.3, 8.6), (12.3, 14.6), (13.3, 19.6)),
    ((17.2, 4.0), (17.0, 9.4), (16.2, 14.4), (15.6, 18.6)),
    ((22.0, 11.4), (21.4, 14.4), (19.8, 16.6), (17.6, 18.6)),
)


def _n(*values: float) -> str:
    texts = (f"{value:.2f}".rstrip("0").rstrip(".") for value in values)
    return " ".join("0" if text in ("", "-0") else text for text in texts)


def _ink(color: Ink) -> str:
    return f"{_n(*color)} RG"


def _trace(curve: Curve, start: float, end: float, pieces: int) -> list[str]:
    """Cubic Hermite pieces of the curve, by its numeric slope."""
    step, tiny = (end - start) / pieces, 1e-4

    def slope(t: float) -> Point:
        (x0, y0), (x1, y1) = curve(t - tiny), curve(t + tiny)
        return (x1 - x0) / (2 * tiny), (y1 - y0) / (2 * tiny)

    out = [f"{_n(*curve(start))} m"]
    for piece in range(pieces):
        a, b = start + piece * step, start + (piece + 1) * step
        (x0, y0), (x1, y1), (u0, v0), (u1, v1) = curve(a), curve(b), slope(a), slope(b)
        third = step / 3
        out.append(f"{_n(x0 + u0 * third, y0 + v0 * third, x1 - u1 * third, y1 - v1 * third, x1, y1)} c")
    return out


@dataclass(frozen=True)
class Frame:
    """A rounded rectangle inside a sheet, measured along its length from the start of its top side."""

    width: float
    height: float
    inset: float
    radius: float

    @property
    def sides(self) -> tuple[float, float, float]:
        """Across, down, and round one corner."""
        straight = 2 * (self.inset + self.radius)
        return self.width - straight, self.height - straight, pi * self.radius / 2

    @property
    def length(self) -> float:
        across, down, corner = self.sides
        return 2 * (across + down) + 4 * corner

    def at(self, distance: float) -> tuple[float, float, float, float]:
        """The point there, and the normal that points outward."""
        (across, down, corner), i, r = self.sides, self.inset, self.radius
        w, h = self.width, self.height
        distance %= self.length
        for side, (x, y), turn in (
            (across, (i + r, i), 0),
            (down, (w - i, i + r), 1),
            (across, (w - i - r, h - i), 2),
            (down, (i, h - i - r), 3),
        ):
            along, out = _quarter(turn), _quarter(turn - 1)
            if distance <= side:
                return x + along[0] * distance, y + along[1] * distance, *out
            distance -= side
            if distance <= corner:
                center = x + along[0] * side - out[0] * r, y + along[1] * side - out[1] * r
                angle = (turn - 1) * pi / 2 + distance / r
                return center[0] + r * cos(angle), center[1] + r * sin(angle), cos(angle), sin(angle)
            distance -= corner
        return self.at(0)

    def outline(self, pen: float, color: Ink) -> list[str]:
        i, r, w, h = self.inset, self.radius, self.width, self.height
        k, x0, y0, x1, y1 = 0.5523 * r, i, i, w - i, h - i
        return [
            f"{_n(pen)} w",
            _ink(color),
            f"{_n(x0 + r, y0)} m {_n(x1 - r, y0)} l",
            f"{_n(x1 - r + k, y0, x1, y0 + r - k, x1, y0 + r)} c {_n(x1, y1 - r)} l",
            f"{_n(x1, y1 - r + k, x1 - r + k, y1, x1 - r, y1)} c {_n(x0 + r, y1)} l",
            f"{_n(x0 + r - k, y1, x0, y1 - r + k, x0, y1 - r)} c {_n(x0, y0 + r)} l",
            f"{_n(x0, y0 + r - k, x0 + r - k, y0, x0 + r, y0)} c s",
        ]


def _quarter(turn: int) -> Point:
    """The unit vector of 0, 1, 2, 3 quarter turns: right, down, left, up."""
    return ((1, 0), (0, 1), (-1, 0), (0, -1))[turn % 4]


def _braid(frame: Frame, swing: float = 2.35, wave: float = 18.0, strands: int = 6) -> list[str]:
    """Whole waves on each side and exactly one round each corner: all four corners are the same drawing."""
    across, down, corner = frame.sides
    legs = [(across, round(across / wave)), (corner, 1), (down, round(down / wave)), (corner, 1)] * 2

    def phase(distance: float) -> float:
        distance, turns = distance % frame.length, 0
        for size, waves in legs:
            if distance <= size:
                return 2 * pi * (turns + waves * distance / size)
            distance, turns = distance - size, turns + waves
        return 0.0

    def strand(shift: float, distance: float) -> Point:
        x, y, out_x, out_y = frame.at(distance)
        t = phase(distance) + pi / 2 + shift
        offset = swing * sin(t) * (0.76 + 0.24 * cos(2 * t))
        return x + out_x * offset, y + out_y * offset

    pieces = 6 * sum(waves for _, waves in legs)
    out = [f"{_n(HAIR)} w"]
    for index in range(strands):
        out += [*_trace(partial(strand, 2 * pi * index / strands), 0, frame.length, pieces), "s"]
    return out


def _spindle(center: float, y: float, half: float, swell: float = 1.3, strands: int = 5) -> list[str]:
    """The line under a name: strands that leave one point, open like a hand and close again."""

    def strand(share: float, t: float) -> Point:
        return center + half * t, y + share * swell * sin(pi * (t + 1) / 2) ** 2 * cos(2.5 * pi * t)

    out = [f"{_n(HAIR)} w"]
    for index in range(strands):
        out += [*_trace(partial(strand, 2 * index / (strands - 1) - 1), -1, 1, 40), "S"]
    return out


def _band(left: float, right: float, y: float, swing: float = 1.6, wave: float = 15.0, strands: int = 5) -> list[str]:
    """A straight piece of the braid that tapers to a point at both ends: the head of the portrait papers."""
    waves = max(1, round((right - left) / wave))

    def strand(shift: float, t: float) -> Point:
        ease = min(1.0, 6 * t, 6 * (1 - t))
        ease = ease * ease * (3 - 2 * ease)
        turn = 2 * pi * waves * t
        return left + (right - left) * t, y + ease * swing * sin(turn + shift) * (0.72 + 0.28 * cos(2 * (turn + shift)))

    out = ["0.12 w", _ink(PINE)]
    for index in range(strands):
        out += [*_trace(partial(strand, 2 * pi * index / strands), 0, 1, waves * 6), "S"]
    return out


def _hand(center: float, top: float, size: float) -> list[str]:
    unit, out = size / 24, ["1 J", f"{_n(1.9 * size / 24)} w"]
    for index, stroke in enumerate(MARK):
        points = [(center - size / 2 + x * unit, top + y * unit) for x, y in stroke]
        out += [_ink(CLAY if index == 4 else PINE), f"{_n(*points[0])} m"]
        out.append(f"{_n(*(value for point in points[1:] for value in point))} c S")
    return [*out, "0 J"]


def _line(left: float, right: float, y: float) -> list[str]:
    return ["0.12 w", _ink(PINE), f"{_n(left, y)} m {_n(right, y)} l S"]


def _certificate(sheet: str) -> list[str]:
    width, height = SHEETS[sheet]
    return [
        *Frame(width, height, 7.6, 15.3).outline(0.3, PINE),
        *_braid(Frame(width, height, 11.4, 11.5)),
        *Frame(width, height, 15.2, 7.7).outline(0.15, PINE),
        *_hand(width / 2, 20.6, 12.5),
        _ink(CLAY),
        *_spindle(width / 2, NAME_RULE[sheet], 86),
        *_line(24, width - 24, SCHOOL_RULE[sheet]),
    ]


def _head(sheet: str) -> list[str]:
    return [*_hand(23.6, 12.6, 12), *_band(18, SHEETS[sheet][0] - 18, 30.4)]


def _next_page(sheet: str) -> list[str]:
    return _band(18, SHEETS[sheet][0] - 18, 14.5, 1.2, 12)


DRAWINGS: dict[str, Callable[[str], list[str]]] = {"frame": _certificate, "head": _head, "next": _next_page}


@lru_cache(maxsize=16)
def operators(drawing: str, sheet: str) -> bytes:
    """The deflated content stream of a drawing, wrapped as an artifact."""
    to_points = f"q\n2.8346 0 0 -2.8346 0 {_n(SHEETS[sheet][1] * 72 / 25.4)} cm\n1 j"
    lines: Iterable[str] = [
        "/Artifact <</Type /Layout>> BDC",
        to_points,
        *DRAWINGS[drawing](sheet),
        "Q",
        "EMC\n",
    ]
    return zlib.compress("\n".join(lines).encode(), 9)
