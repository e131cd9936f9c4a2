"""The font folder: whole or absent, made once, made anew when the recipe changes."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from lms import fonts
from tests import papers

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def made() -> Path:
    return fonts.build(papers.FONTS)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A recipe of one quick cut; the list tells how often it was made."""
    cuts: list[str] = []
    real = fonts._cut

    def counted(cut: fonts.Cut):
        cuts.append(cut.name)
        return real(cut)

    monkeypatch.setattr(fonts, "CUTS", tuple(cut for cut in fonts.CUTS if cut.family == "Code"))
    monkeypatch.setattr(fonts, "WEBS", tuple(web for web in fonts.WEBS if web.name == "atkinson-bold.woff2"))
    monkeypatch.setattr(fonts, "_cut", counted)
    return cuts


def test_the_web_gets_four_small_files_with_accents_and_their_licence(made):
    for name in ("figtree", "bricolage", "atkinson-regular", "atkinson-bold"):
        font = TTFont(made / f"{name}.woff2")
        assert font.flavor == "woff2"
        assert {ord(letter) for letter in "aÉñ¿őŁ—€"} <= set(font.getBestCmap())
        assert (made / f"{name}.woff2").stat().st_size < 60_000
        assert "SIL OPEN FONT LICENSE" in (made / f"LICENSE-{name}.txt").read_text().upper()
        font.close()


def test_figtree_and_bricolage_keep_their_weights_for_the_web(made):
    with TTFont(made / "figtree.woff2") as figtree, TTFont(made / "bricolage.woff2") as bricolage:
        assert [(a.axisTag, a.minValue, a.maxValue) for a in figtree["fvar"].axes] == [("wght", 300, 900)]
        assert [(a.axisTag, a.minValue, a.maxValue) for a in bricolage["fvar"].axes] == [("wght", 500, 750)]


def test_paper_gets_static_cuts_under_names_of_our_own(made):
    for cut in fonts.CUTS:
        with TTFont(made / "paper" / cut.name) as font:
            assert "fvar" not in font
            assert font["name"].getDebugName(1) == f"SH {cut.family}"


def test_coverage_says_which_letters_a_face_has(made):
    coverage = json.loads((made / "coverage.json").read_text())

    def holds(family: str, letter: str) -> bool:
        return any(first <= ord(letter) <= last for first, last in coverage[family])

    assert holds("Display", "ễ")
    assert holds("Broad", "Я")
    assert holds("Arabic", "م")
    assert holds("Han SC", "远")
    assert holds("Hangul", "궁")
    assert not holds("Display", "Я")
    assert not any(holds(family, "ד") for family in coverage)


def test_a_second_call_makes_nothing(small, tmp_path):
    fonts.build(tmp_path / "fonts")
    fonts.build(tmp_path / "fonts")
    assert len(small) == 1


def test_a_changed_recipe_makes_the_folder_anew(small, tmp_path, monkeypatch):
    folder = fonts.build(tmp_path / "fonts")
    (folder / "left-over").touch()
    monkeypatch.setattr(fonts, "RECIPE", fonts.RECIPE + 1)
    fonts.build(folder)
    assert len(small) == 2
    assert not (folder / "left-over").exists()


def test_a_folder_that_moved_is_made_anew_because_its_configuration_names_its_place(small, tmp_path):
    fonts.build(tmp_path / "here").rename(tmp_path / "there")
    moved = fonts.build(tmp_path / "there")
    assert len(small) == 2
    assert str(moved / "paper") in (moved / "fonts.conf").read_text()


def test_two_that_start_at_once_make_it_once(small, tmp_path):
    both = [threading.Thread(target=fonts.build, args=[tmp_path / "fonts"]) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(small) == 1
    assert (tmp_path / "fonts" / "stamp").exists()


def test_a_broken_build_leaves_nothing_half_made(small, tmp_path, monkeypatch):
    def no_space(web: fonts.Web):
        raise OSError("no space left")

    monkeypatch.setattr(fonts, "_web", no_space)
    with pytest.raises(OSError, match="no space"):
        fonts.build(tmp_path / "fonts")
    assert [path.name for path in tmp_path.iterdir()] == [".fonts.lock"]


def test_a_missing_package_is_named(small, tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "CUTS", (fonts.Cut("Code", "fontpkg_absent", "Absent.ttf"),))
    with pytest.raises(fonts.FontMissing, match="fontpkg-absent is not installed"):
        fonts.build(tmp_path / "fonts")


def test_the_command_says_where_the_fonts_are_and_refuses_other_usage(made):
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lms.fonts", *arguments], capture_output=True, text=True, check=False
        )

    ready, wrong = command(str(made)), command()
    assert (ready.returncode, ready.stdout) == (0, f"{made}\n")
    assert (wrong.returncode, wrong.stdout) == (2, "")
