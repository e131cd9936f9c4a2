"""Pages that nobody wants to see are as clear and as clean as the others."""

import pytest
from flask import Flask
from werkzeug.exceptions import RequestEntityTooLarge

from lms.errors import Conflict, NotAllowed, NotFound, OtherBody, RuleBroken, TooManyTries
from tests.browser.conftest import Live

pytestmark = pytest.mark.browser
TROUBLES = [
    (403, NotAllowed("x")),
    (404, NotFound("x")),
    (409, RuleBroken("Not before Monday.")),
    (409, Conflict({"name": "Spring evenings"}, 3)),
    (409, OtherBody("/home")),
    (413, RequestEntityTooLarge()),
    (429, TooManyTries(90)),
    (500, ValueError("inside story")),
    (503, OSError(28, "inside story")),
]


@pytest.fixture
def troubled(live: Live) -> Flask:
    live.app.config["PROPAGATE_EXCEPTIONS"] = False

    @live.app.route("/trouble/<int:number>")
    def trouble(number: int):
        raise TROUBLES[number][1]

    return live.app


@pytest.mark.parametrize(("width", "language"), [("phone", "es"), ("desk", "en")])
def test_each_trouble_is_a_page_that_says_what_happened_and_what_next(troubled, person, width, language):
    somebody = person(width, language)
    for number, (status, _error) in enumerate(TROUBLES):
        somebody.open(f"/trouble/{number}", status)
        assert "inside story" not in somebody.text()
        assert somebody.page.locator("main :is(a, button).btn").count() >= 1, somebody.text()
