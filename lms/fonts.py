"""Fonts for paper and for the web, made once per machine from the bundled font packages into a cache folder.

WeasyPrint instantiates a variable font anew for every PDF, so paper gets static cuts, under names of our own
so that no system font is ever mistaken for them. `python -m lms.fonts DIR` makes the folder:

    fonts.conf        only these fonts exist for the renderer: the same page on every machine
    paper/            the cuts, each family named "SH …"
    coverage.json     {family: [[first, last], …]}: which face can draw a name whole
    advances.json     {family: {letter: width in em}}: how wide a name will be
    *.woff2           Latin subsets for the web; LICENSE-* beside them
    stamp             what it was made from; another recipe makes it anew
"""

import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

RECIPE = 1  # raise it where the code below changes what it makes
Letters = tuple[tuple[int, int], ...]


def _letters(ranges: str) -> Letters:
    """ "20-7E 20AC" -> ((0x20, 0x7E), (0x20AC, 0x20AC))"""
    pairs = (text.partition("-")[::2] for text in ranges.split())
    return tuple((int(first, 16), int(last or first, 16)) for first, last in pairs)


WEB_LATIN = _letters(
    "20-7E A0-17F 18F 192 1A0-1A1 1AF-1B0 1CD-1DC 1E6-1E7 1FA-21B 237 259 2BB-2BC 2C6-2C7 2D8-2DD 300-304 "
    "306-308 30A-30C 323 327-328 1E80-1E85 1E9E 1EF2-1EF3 2010-2026 2030 2032-2033 2039-203A 2044 20AC 2116 "
    "2122 2190-2193 2212 2260-2265"
)
LATIN = _letters(
    "20-7E A0-24F 2BB-2BC 2C6-2C7 300-32F 1E00-1EFF 200B-200F 2010-2026 2030 2032-2033 2039-203A 2044 2060 "
    "2066-2069 20AC 2116 2122 2190-2192 2212 25CB-25CF 2713"
)
BEYOND_LATIN = LATIN + _letters("250-5FF 1F00-1FFF 2C60-2C7F A720-A7FF")
MEASURED = ("Display", "Broad")  # families whose names are measured letter by letter
Axes = Mapping[str, float | tuple[float, float]]


class FontMissing(RuntimeError):
    """A font package of the installation is absent."""


@dataclass(frozen=True)
class Cut:
    """One static font for paper."""

    family: str
    package: str
    file: str
    axes: Axes = field(default_factory=dict)
    weight: int = 400
    italic: bool = False
    letters: Letters = ()  # empty: all of the font

    @property
    def name(self) -> str:
        return f"{self.family.replace(' ', '')}-{self.weight}{'i' * self.italic}{Path(self.file).suffix}"


@dataclass(frozen=True)
class Web:
    """One font file for the web; the axes that are not pinned stay variable."""

    name: str
    package: str
    file: str
    axes: Axes = field(default_factory=dict)


NEWSREADER, FIGTREE, ATKINSON = "fontpkg_newsreader", "fontpkg_figtree", "fontpkg_atkinson_hyperlegible"
BRICOLAGE, NOTO, DEVANAGARI = (
    "fontpkg_bricolage_grotesque",
    "fontpkg_noto_serif",
    "fontpkg_noto_sans_devanagari",
)
ROMAN, ITALIC = "Newsreader[opsz,wght].ttf", "Newsreader-Italic[opsz,wght].ttf"
HEADINGS = {"opsz": 24, "wdth": 100, "wght": (500, 750)}
PLAIN = {"wdth": 100, "wght": 400}
CUTS = (
    Cut("Display", NEWSREADER, ROMAN, {"opsz": 72, "wght": 400}, letters=LATIN),
    Cut("Text", NEWSREADER, ROMAN, {"opsz": 20, "wght": 500}, 500, letters=LATIN),
    Cut("Text", NEWSREADER, ITALIC, {"opsz": 16, "wght": 400}, italic=True, letters=LATIN),
    Cut("Detail", FIGTREE, "Figtree[wght].ttf", {"wght": 430}, letters=LATIN),
    Cut("Detail", FIGTREE, "Figtree[wght].ttf", {"wght": 640}, 600, letters=LATIN),
    Cut("Code", ATKINSON, "AtkinsonHyperlegible-Regular.ttf", letters=LATIN),
    Cut("Broad", NOTO, "NotoSerif[wdth,wght].ttf", PLAIN, letters=BEYOND_LATIN),
    Cut("Arabic", "fontpkg_amiri", "Amiri-Regular.ttf"),
    Cut("Deva", "fontpkg_noto_sans_devanagari", "NotoSansDevanagari[wdth,wght].ttf", PLAIN),
    Cut("Han SC", "pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf"),
    Cut("Han JP", "pylopdf_fonts_jp", "NotoSerifJP-Regular.otf"),
    Cut("Hangul", "pylopdf_fonts_ko", "NotoSerifKR-Regular.otf"),
)
WEBS = (
    Web("figtree.woff2", FIGTREE, "Figtree[wght].ttf"),
    Web("bricolage.woff2", BRICOLAGE, "BricolageGrotesque[opsz,wdth,wght].ttf", HEADINGS),
    Web("atkinson-regular.woff2", ATKINSON, "AtkinsonHyperlegible-Regular.ttf"),
    Web("atkinson-bold.woff2", ATKINSON, "AtkinsonHyperlegible-Bold.ttf"),
)

_chosen: list[Path] = []


def use(folder: Path) -> None:
    """Say once per process where the fonts lie; the settings' data folder with cache/fonts below it."""
    _chosen[:] = [Path(folder).resolve()]


def folder() -> Path:
    if _chosen:
        return _chosen[0]
    return (Path(os.environ.get("LMS_DATA_DIR") or "var") / "cache" / "fonts").resolve()


def ready() -> Path:
    """The folder of this process, made first where it is missing or old."""
    return build(folder())


def build(target: Path) -> Path:
    """Make the folder unless it is there and made by this recipe; a second process waits for the first."""
    target = Path(target).resolve()
    stamp = _stamp(target)
    if _stamped(target, stamp):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target.with_name(f".{target.name}.lock")):
        if not _stamped(target, stamp):
            _replace(target, lambda made: _make(made, target, stamp))
    return target


def _stamp(target: Path) -> str:
    packages = sorted({piece.package for piece in (*CUTS, *WEBS)} | {"fonttools"})
    versions = [(name, _version(name)) for name in packages]
    made_from = [RECIPE, str(target), repr((CUTS, WEBS, WEB_LATIN)), versions]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return version(package.replace("_", "-"))
    except PackageNotFoundError:
        return "absent"


def _stamped(target: Path, stamp: str) -> bool:
    try:
        return (target / "stamp").read_text() == stamp
    except OSError:
        return False


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(target: Path, make: Callable[[Path], None]) -> None:
    """Only whole folders are ever seen under the name: made aside, then renamed."""
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        make(aside / "new")
        if target.exists():
            target.rename(aside / "old")
        (aside / "new").rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _make(made: Path, target: Path, stamp: str) -> None:
    (made / "paper").mkdir(parents=True)
    coverage: dict[str, list[tuple[int, int]]] = {}
    advances: dict[str, dict[str, float]] = {}
    for cut in CUTS:
        font = _cut(cut)
        font.save(made / "paper" / cut.name)
        if not cut.italic and cut.family not in coverage:
            coverage[cut.family] = _ranges(font.getBestCmap())
            if cut.family in MEASURED:
                advances[cut.family] = _advances(font)
    for web in WEBS:
        _web(web).save(made / web.name)
        shutil.copyfile(_source(web.package, "LICENSE"), made / f"LICENSE-{web.name.split('.')[0]}.txt")
    (made / "coverage.json").write_text(json.dumps(coverage))
    (made / "advances.json").write_text(json.dumps(advances))
    (made / "fonts.conf").write_text(_conf(target))
    (made / "stamp").write_text(stamp)


def _conf(target: Path) -> str:
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{escape(str(target / 'paper'))}</dir><cachedir>{escape(str(target / 'fontconfig'))}</cachedir>"
        "</fontconfig>"
    )


def _source(package: str, file: str) -> Path:
    spec = find_spec(package)
    root = Path(spec.origin).parent if spec and spec.origin else None
    found = next((path for path in root.rglob("*") if path.name == file), None) if root else None
    if found is None:
        raise FontMissing(f"The font package {package.replace('_', '-')} is not installed or lacks {file}.")
    return found


def _font(piece: Cut | Web, letters: Letters, **options: Any) -> Any:
    """The font with these letters only (none named: all) and these axes pinned or narrowed."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(_source(piece.package, piece.file))
    if letters:
        kept = Options(layout_features=["*"], notdef_outline=True, name_IDs=["*"], hinting=False, **options)
        subsetter = Subsetter(kept)
        subsetter.populate(unicodes=[code for first, last in letters for code in range(first, last + 1)])
        subsetter.subset(font)
    return instantiateVariableFont(font, dict(piece.axes)) if piece.axes else font


def _cut(cut: Cut) -> Any:
    font = _font(cut, cut.letters, glyph_names=False)
    for record in font["name"].names:  # one clear family name each, so that fontconfig cannot confuse cuts
        if record.nameID in (1, 16):
            record.string = f"SH {cut.family}"
    font["OS/2"].usWeightClass = cut.weight
    return font


def _web(web: Web) -> Any:
    font = _font(web, WEB_LATIN)
    font.flavor = "woff2"
    return font


def _ranges(codes: Iterable[int]) -> list[tuple[int, int]]:
    """[1, 2, 3, 7] -> [(1, 3), (7, 7)]"""
    found: list[tuple[int, int]] = []
    for code in sorted(codes):
        if found and code == found[-1][1] + 1:
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return found


def _advances(font: Any) -> dict[str, float]:
    em, widths = font["head"].unitsPerEm, font["hmtx"]
    return {chr(code): round(widths[glyph][0] / em, 4) for code, glyph in font.getBestCmap().items()}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m lms.fonts DIR\n")
        return 2
    sys.stdout.write(f"{build(Path(arguments[0]))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
