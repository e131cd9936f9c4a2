"""The wheel carries the course, the migrations and the words: installed in an empty folder it makes the demo school."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.faults.server import FONTS, ROOT

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with what the wheel unpacks to."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "-w", folder, ROOT], check=True, cwd=folder)
    (wheel,) = folder.glob("steadyhand-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder to run in, but for the fonts, which any machine cuts once."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "data" / "cache").mkdir(parents=True)
    if FONTS.exists():
        (folder / "data" / "cache" / "fonts").symlink_to(FONTS)
    return folder


def lms(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(site),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LMS_ENV": "development",
        "LMS_DATA_DIR": str(folder / "data"),
    }
    command = [sys.executable, "-m", "lms.cli", *arguments]
    return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, check=False)


def test_it_runs_from_where_it_was_unpacked(site, empty):
    command = [sys.executable, "-c", "import lms; print(lms.__file__)"]
    environ = {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environ, cwd=empty, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(site / "lms" / "__init__.py")


def test_the_course_is_inside_and_holds(site, empty):
    done = lms(site, empty, "content", "check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_the_demo_school_and_its_record_come_from_the_wheel_alone(site, empty):
    done = lms(site, empty, "demo")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "student@demo.example" in done.stdout
    assert lms(site, empty, "db", "check").returncode == 0
    assert lms(site, empty, "ledger", "verify").returncode == 0


def test_templates_styles_and_words_are_inside_and_nothing_that_is_only_ours(site):
    inside = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    for wanted in ("lms/templates/base.html", "lms/_migrations/env.py", "lms/_content/pt-aide-massage/course.yaml"):
        assert wanted in inside
    assert any(name.startswith("lms/static/css/") for name in inside)
    sources = {po.parts[-3] for po in (ROOT / "lms" / "translations").glob("*/LC_MESSAGES/messages.po")}
    assert {f"lms/translations/{one}/LC_MESSAGES/messages.mo" for one in sources} <= inside
    assert not [name for name in inside if name.endswith((".po", ".pyc", ".db")) or name.startswith(("tests/", "var/"))]
