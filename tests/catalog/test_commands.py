"""`lms content` on the console."""

import argparse
import json
import os
from pathlib import Path

import pytest
from flask import Flask

from lms.catalog import commands
from tests.catalog.small_course import QUIZ, SCOPE, SPANISH, SmallCourse


def lms_content(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    commands.add_arguments(parser)
    return commands.run(parser.parse_args([str(word) for word in words]))


def test_check_answers_0_when_there_are_only_warnings(course: SmallCourse, capsys: pytest.CaptureFixture[str]) -> None:
    assert lms_content("check", course.root) == 0
    assert "Errors: 0. Warnings: 2." in capsys.readouterr().out


def test_check_answers_1_and_names_the_place(course: SmallCourse, capsys: pytest.CaptureFixture[str]) -> None:
    course.change(QUIZ, "difficulty: 2", "difficulty: 7")

    assert lms_content("check", course.root) == 1
    assert f"{course.root}/{QUIZ}:" in capsys.readouterr().out


def test_check_speaks_json_for_programs(course: SmallCourse, capsys: pytest.CaptureFixture[str]) -> None:
    course.change(QUIZ, "difficulty: 2", "difficulty: 7")
    lms_content("check", course.root, "--json")
    said = json.loads(capsys.readouterr().out)

    assert (said["errors"], said["warnings"]) == (1, 1)
    assert [one["file"] for one in said["problems"] if not one["warning"]] == [QUIZ]


@pytest.mark.parametrize("folder", [".", "nowhere", "course.yaml/inside"])
def test_check_of_a_wrong_folder_says_that_no_course_is_there(
    tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lms_content("check", tmp_path / folder) == 1

    said = capsys.readouterr().out
    assert "No course.yaml is in" in said
    assert "Errors: 1. Warnings: 0." in said


def test_publish_then_list(app: Flask, course: SmallCourse, capsys: pytest.CaptureFixture[str]) -> None:
    assert lms_content("publish", course.root) == 0
    assert lms_content("list", course.root, "--json") == 0

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("small-course version 1 (")
    listed = json.loads(said[1])
    assert [one["number"] for one in listed["versions"]] == [1]
    assert listed["totals"]["items"] == {
        "single": 1,
        "multiple": 1,
        "true_false": 1,
        "numeric": 1,
        "matching": 1,
        "ordering": 1,
        "hotspot": 1,
        "short": 1,
        "case": 1,
    }
    assert listed["totals"]["skills"] == {"S01": 2}
    assert listed["totals"]["words"]["en"]["words"] == 52


def test_list_says_what_the_folder_holds_in_words(
    app: Flask, course: SmallCourse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lms_content("list", course.root) == 0

    said = capsys.readouterr().out
    assert "1 modules, 1 lessons, 2 steps" in said
    assert "5 of types that quizzes do not ask yet" in said


@pytest.mark.parametrize("flag_first", [True, False])
def test_check_prints_the_matrix_where_it_is_asked_for(
    course: SmallCourse, flag_first: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--matrix", course.root) if flag_first else (course.root, "--matrix")
    assert lms_content("check", *words) == 0

    said = capsys.readouterr().out
    assert "M01-O1  taught: clean-hands  tested: M01-Q01, M01-Q02" in said
    assert "S01-02  taught: M01/clean-hands#dry  tested: M01-Q02, M01-Q05*, M01-Q09*" in said
    assert "HOLE" not in said


def test_publish_of_a_broken_course_answers_1(
    app: Flask, course: SmallCourse, capsys: pytest.CaptureFixture[str]
) -> None:
    course.remove(SPANISH)

    assert lms_content("publish", course.root) == 1
    assert SPANISH in capsys.readouterr().out


def test_list_says_when_nothing_is_published(app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lms_content("list", tmp_path / "nowhere") == 0
    assert capsys.readouterr().out == "No course is published. Run lms content publish.\n"


def test_stamp_names_what_it_changed(course: SmallCourse, capsys: pytest.CaptureFixture[str]) -> None:
    assert lms_content("stamp", course.root) == 0
    assert capsys.readouterr().out.strip() == SPANISH


def test_check_knows_what_day_it_is(course: SmallCourse, capsys: pytest.CaptureFixture[str]) -> None:
    course.change(SCOPE, "2026-11-23", "2999-01-01")

    assert lms_content("check", course.root) == 0
    assert "as_of is in the future: 2999-01-01." in capsys.readouterr().out


def test_check_says_names_that_no_console_can_show(course: SmallCourse, capsys: pytest.CaptureFixture[str]) -> None:
    path = os.fsencode(course.root / "modules/01-hands/figures") + b"/\xff.svg"
    with open(path, "w") as figure:
        figure.write("<svg/>")

    assert lms_content("check", course.root) == 1
    assert "\\udcff.svg:1: The figure's name" in capsys.readouterr().out


def test_only_what_touches_the_database_needs_the_application() -> None:
    needing = {
        action
        for action in ("check", "publish", "list", "stamp")
        if commands.needs_app(argparse.Namespace(action=action))
    }

    assert needing == {"publish", "list"}
