"""Which face prints a person's name, how large, on how many lines; or a sentence why it cannot be printed."""

import json
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from lms import fonts
from lms.errors import SchoolError

SIZES = (44, 40, 36, 33, 30, 27, 25, 23, 21, 19, 17, 15.5, 14, 13, 12)
TWO_LINES_FROM = 27  # points: at larger sizes two lines would shout
NAME_WIDTH, NAME_HEIGHT = (
    222.0,
    24.0,
)  # mm: the widest name line of a certificate, the tallest place of a name
TIGHTEST_HEIGHT = 9.4  # mm: between a part's title and a second name, on A4
SHIFT = {"Display": 0.0, "Broad": 0.0, "Arabic": 0.2}  # em that a face is lifted by document.css; others 0.1
LEADING = 1.1  # em from line to line
NAME_FACES = ("Display", "Broad", "Arabic", "Deva", "Han SC", "Han JP", "Hangul")
HAN_OF = {"ja": "Han JP", "ko": "Hangul", "zh": "Han SC"}
LARGEST = {"Display": 44, "Broad": 40, "Arabic": 40}  # points; the others look as large at 36
EM = {"Arabic": 0.5, "Deva": 0.62}  # estimated width of a letter, on the safe side; the others are square
IBERIAN = frozenset(["de", "del", "la", "las", "los", "y", "e", "da", "do", "dos", "das"])
PARTICLES = IBERIAN | {"van", "von", "der", "den", "di", "bin", "bint", "al", "el", "ibn", "st.", "o'"}
HANGUL, KANA = range(0xAC00, 0xD7B0), range(0x3040, 0x3100)
JOINERS = {0x200C, 0x200D}  # Persian and Devanagari spelling needs them
MM = 25.4 / 72


class PdfRefused(SchoolError):
    """A paper is not made; the sentence says why."""


class UnprintableName(PdfRefused):
    """A character that no face of ours can draw: ask a person, never print a box."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = tuple(characters)
        super().__init__(
            f"Our printed papers have no letters for {', '.join(self.characters)}. Write the name with other letters."
        )


class MixedScripts(UnprintableName):
    """Each letter exists, but no single face holds them all: faces are never mixed inside a name."""

    def __init__(self, name: str) -> None:
        self.characters = ()
        PdfRefused.__init__(
            self,
            f"No typeface of ours holds all the letters of “{name}”. "
            "Write one script here and the other as the second name.",
        )


class DoesNotFit(PdfRefused):
    """A text is longer than the place the paper has for it."""


@dataclass(frozen=True)
class Fit:
    """How a name is set: its lines, size in points, face and direction."""

    lines: tuple[str, ...]
    size: float
    face: str
    rtl: bool

    @property
    def css(self) -> str:
        """The classes that document.css and papers.css know."""
        return f"{face_class(self.face)} s{str(self.size).replace('.', '-')}"


@dataclass(frozen=True)
class Faces:
    """What the cut fonts can draw, and how wide."""

    coverage: Mapping[str, list[list[int]]]
    advances: Mapping[str, Mapping[str, float]]

    @cached_property
    def _starts(self) -> dict[str, list[int]]:
        return {family: [first for first, _ in ranges] for family, ranges in self.coverage.items()}

    def holds(self, family: str, code: int) -> bool:
        place = bisect_right(self._starts[family], code) - 1
        return place >= 0 and code <= self.coverage[family][place][1]

    def holds_all(self, family: str, codes: Iterable[int]) -> bool:
        return all(self.holds(family, code) for code in codes)

    def draws(self, code: int) -> bool:
        """Some face has the letter, and it is one: controls and marks of direction could make a text lie."""
        if unicodedata.category(chr(code)).startswith("C") and code not in JOINERS:
            return False
        return any(self.holds(family, code) for family in NAME_FACES)

    def width(self, text: str, family: str) -> float:
        """In em: measured for the Latin, Greek and Cyrillic faces, estimated for the others."""
        known = self.advances.get(family)
        wide = EM.get(family, 1.12)
        return sum(
            0.0 if unicodedata.combining(letter) else known.get(letter, 0.65) if known else _square(letter, wide)
            for letter in text
        )


def _square(letter: str, wide: float) -> float:
    return 0.3 if letter == " " else wide


def faces() -> Faces:
    return _faces(fonts.folder())


@lru_cache(maxsize=2)
def _faces(folder: Path) -> Faces:
    made = fonts.build(folder)
    return Faces(*(json.loads((made / name).read_text()) for name in ("coverage.json", "advances.json")))


def tidy(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


def face_class(family: str) -> str:
    return f"f-{family.lower().replace(' ', '-')}"


def detail_class(name: str) -> str:
    """For a name among small print: no class where the face of the details holds it."""
    name = tidy(name)
    plain = faces().holds_all("Detail", (ord(letter) for letter in name if not letter.isspace()))
    return "" if plain else face_class(face(name))


def right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def face(name: str, lang: str | None = None) -> str:
    """The first family that can draw the whole name.

    Raises UnprintableName (naming the characters) or MixedScripts.
    """
    known, need = faces(), {ord(letter) for letter in name if not letter.isspace()}
    if absent := sorted(code for code in need if not known.draws(code)):
        raise UnprintableName(map(described, absent))
    for family in _order(need, lang, known):
        if known.holds_all(family, need):
            return family
    raise MixedScripts(name)


def _order(need: set[int], lang: str | None, known: Faces) -> Iterable[str]:
    """Chinese, Japanese and Korean share code points: the language decides, kana and hangul decide alone."""
    first = []
    if any(code in KANA for code in need):
        first.append("Han JP")
    if any(code in HANGUL for code in need):
        first.append("Hangul")
    han = HAN_OF.get((lang or "").split("-")[0])
    if han and not known.holds_all("Display", need):
        first.append(han)
    return dict.fromkeys((*first, *NAME_FACES))


def described(code: int) -> str:
    return f"U+{code:04X} {unicodedata.name(chr(code), 'a character without a name').lower()}"


def split(name: str, family: str) -> tuple[str, ...]:
    """The break that leaves two lines most equal; never after a particle ("de la", "van") or an initial."""
    known, words = faces(), name.split(" ")
    places = [at for at in range(1, len(words)) if _may_end_a_line(words[at - 1])]
    breaks = [(" ".join(words[:at]), " ".join(words[at:])) for at in places]
    return min(breaks, key=lambda pair: max(known.width(line, family) for line in pair), default=(name,))


def _may_end_a_line(word: str) -> bool:
    return word.lower() not in PARTICLES and len(word.strip(".")) > 1


def fit(
    name: str,
    lang: str | None = None,
    *,
    width: float = NAME_WIDTH,
    height: float = NAME_HEIGHT,
    sizes: Iterable[float] = SIZES,
    two_lines: bool = True,
) -> Fit:
    """The largest size at which the name fits a place of `width` by `height` mm.

    Raises UnprintableName, MixedScripts or DoesNotFit.
    """
    name = tidy(name)
    family = face(name, lang)
    halves = split(name, family) if two_lines else (name,)
    widest = {lines: max(faces().width(line, family) for line in lines) for lines in {(name,), halves}}
    for size in sizes:
        for lines in ((name,), halves) if size <= TWO_LINES_FROM else ((name,),):
            tall = (len(lines) * LEADING + SHIFT.get(family, 0.1)) * size * MM
            if size <= LARGEST.get(family, 36) and widest[lines] * size * MM <= width and tall <= height:
                return Fit(lines, size, family, right_to_left(name))
    raise DoesNotFit(f"“{name}” is too long for one line of the paper. Shorten it, or add a space where it may break.")


def printable(name: str, lang: str | None = None) -> None:
    """Check a legal name when it is confirmed, so that it fits every variant when the certificate is due.

    Raises UnprintableName, MixedScripts or DoesNotFit.
    """
    fit(name, lang, height=TIGHTEST_HEIGHT)


def spelled(text: str) -> str:
    """Free text; what no face can draw is written out, as in [U+1F600]: a record prints all it says."""
    known = faces()
    return "".join(
        letter if letter.isspace() or known.draws(ord(letter)) else f"[U+{ord(letter):04X}]" for letter in text
    )
