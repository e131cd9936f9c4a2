"""The house itself: templates, names of files, words that may not be used."""

import re
from pathlib import Path

import pytest
from jinja2 import meta

LMS = Path(__file__).parents[1] / "lms"
TEMPLATES = sorted((LMS / "templates").rglob("*.html"))
BANNED_NAMES = re.compile(r"^(utils?|helpers?|common|misc|manager|base)$")
BANNED_WORDS = re.compile(
    r"licensed aide|certified aide|\bheals\b|\bcures\b|\bdetox|treats inflammation|removes lactic acid|guaranteed",
    re.IGNORECASE,
)
INLINE = re.compile(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=["']""")
DOCUMENTS = {"document.html", "blank.html"}  # for paper: WeasyPrint reads them, no browser does


def test_no_module_is_called_after_nothing():
    assert [p for p in LMS.rglob("*.py") if BANNED_NAMES.match(p.stem)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(LMS / "templates")))
def test_each_template_parses_and_has_nothing_inline(app, path):
    source = path.read_text()
    assert meta.find_undeclared_variables(app.jinja_env.parse(source)) is not None
    if path.name not in DOCUMENTS and "documents" not in path.parts:
        assert INLINE.findall(re.sub(r"{#.*?#}", "", source, flags=re.DOTALL)) == []
        assert "|safe" not in source.replace(" ", "")


@pytest.mark.parametrize("pattern", ["**/*.html", "**/*.txt", "**/*.py", "**/*.po"])
def test_no_page_mail_or_catalogue_says_what_the_school_may_not_say(pattern):
    allowed = {"words.py", "claims.py"}  # the list of banned words itself, in the catalog's checks
    found = {
        (str(p.relative_to(LMS)), match.group())
        for p in LMS.glob(pattern)
        if p.name not in allowed and "checks" not in p.parts
        for match in BANNED_WORDS.finditer(p.read_text())
    }
    assert found == set()


def test_template_folders_are_named_like_features():
    shared = {"errors", "emails", "_partials", "documents"}
    folders = {p.name for p in (LMS / "templates").iterdir() if p.is_dir()} - shared
    features = {p.parent.name for p in LMS.glob("*/models.py")} | {"home"}
    assert folders <= features
