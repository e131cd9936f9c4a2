"""The coverage matrix, the shares of an exam, and the product's own words."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.checks.pages import Said, check_pages
from lms.catalog.coverage import matrix
from lms.catalog.formats.blueprint import shares
from lms.catalog.formats.building import build_edition
from lms.catalog.formats.reading import read_course
from lms.catalog.page_words import page_words
from tests.catalog.small_course import SmallCourse


def test_the_matrix_names_what_teaches_and_tests_each_objective_and_step(course: SmallCourse) -> None:
    module, skill = matrix(build_edition(read_course(course.root)))

    assert module.rows[0].taught == ("clean-hands",)
    assert module.rows[0].tested == ("M01-Q01", "M01-Q02", "M01-Q03", "M01-Q04")
    assert len(module.rows[0].waiting) == 5
    assert (skill.rows[1].tested, skill.rows[1].waiting) == (("M01-Q02",), ("M01-Q05", "M01-Q09"))
    assert (module.holes, skill.holes) == (0, 0)


def test_what_is_not_asked_about_is_a_hole(course: SmallCourse) -> None:
    edition = build_edition(read_course(course.root))
    untested = replace(edition, modules=(replace(edition.modules[0], items=()),))

    assert [part.holes for part in matrix(untested)] == [1, 2]


WEIGHTS = st.dictionaries(st.text(min_size=1, max_size=4), st.integers(1, 100), min_size=1, max_size=20)


@given(st.integers(0, 300), WEIGHTS)
def test_shares_add_up_and_none_is_more_than_one_from_its_quota(total: int, weights: dict[str, int]) -> None:
    found, whole = shares(total, weights), sum(weights.values())

    assert sum(found.values()) == total
    assert all(abs(found[part] - total * weight / whole) < 1 for part, weight in weights.items())


def test_the_exam_of_sixty_items_has_the_shares_of_its_blueprint() -> None:
    weights = dict(zip(range(1, 13), (10, 8, 10, 7, 17, 12, 8, 8, 6, 4, 6, 4), strict=True))

    assert list(shares(60, {str(k): v for k, v in weights.items()}).values()) == [6, 5, 6, 4, 10, 7, 5, 5, 4, 2, 4, 2]


def test_shares_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no weights"):
        shares(5, {})


def test_a_template_or_catalogue_that_claims_too_much_is_named(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("<p>Fine.</p>\n<p>This massage heals.</p>")
    folder = tmp_path / "translations" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Fine"\nmsgstr "El masaje sana"\n')

    found = {(one.file, one.line, one.what) for one in check_pages(page_words(tmp_path))}

    assert found == {
        ("templates/page.html", 2, "“heals” must not be claimed."),
        ("translations/es/LC_MESSAGES/messages.po", 4, "“sana” must not be claimed."),
    }


def test_the_products_own_pages_claim_nothing_they_must_not() -> None:
    assert list(check_pages(page_words())) == []


def test_a_word_inside_a_longer_one_is_no_claim() -> None:
    assert list(check_pages([Said("x", 1, "en", "The heels are covered; she secures the belt.")])) == []
