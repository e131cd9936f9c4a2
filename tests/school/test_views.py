import re

import pytest

from lms.access import Role
from lms.school import service
from tests import factories


def hidden(page):
    return dict(re.findall(r'<input[^>]*name="(csrf_token|act_key|version)"[^>]*value="([^"]*)"', page))


@pytest.mark.parametrize("url", ["/accessibility", "/privacy", "/contact"])
def test_footer_pages_need_no_sign_in(as_, app, url):
    assert as_().get(url).status_code == 200


def test_an_auditor_reads_the_settings_and_changes_none(as_, app):
    browser = as_(factories.user(Role.AUDITOR))
    assert browser.get("/school").status_code == 200
    assert "Change settings" not in browser.get("/school").text
    assert browser.get("/school/edit").status_code == 403


def test_an_admin_changes_the_settings(as_, app):
    browser = as_(factories.user(Role.ADMIN))
    page = browser.get("/school/edit").text
    form = hidden(page) | {
        "name": "Escuela Ñandú",
        "legal_name": "Ñandú LLC",
        "address": "1 Main",
        "phone": "1",
        "email": "office@school.example",
        "zone": "America/Los_Angeles",
        "serial_prefix": "NAN",
        "approval": "exempt",
        "approval_reference": "94874",
        "approval_sentence": "Exempt.",
    }
    assert browser.post("/school/edit", data=form).status_code == 303
    assert service.current().name == "Escuela Ñandú"
    assert browser.post("/school/edit", data=form | {"serial_prefix": "PTA", "act_key": "0" * 64}).status_code == 422


def test_a_rule_with_a_wrong_value_says_which_values_it_takes(as_, app):
    browser = as_(factories.user(Role.ADMIN))
    form = hidden(browser.get("/school/policies").text)
    form |= {"key": "quiz_attempts", "value": "many", "effective_from": "2026-01-01", "source": "board"}
    answer = browser.post("/school/policies", data=form)
    assert answer.status_code == 422
    assert "whole number from 1 to 20" in answer.text


def test_every_settings_page_opens_for_an_admin(as_, app):
    factories.statements()
    browser = as_(factories.user(Role.ADMIN))
    for url in ("/school", "/school/statements/honour", "/school/signatories/new", "/school/policies"):
        assert browser.get(url).status_code == 200, url
    assert browser.get("/school/statements/nothing").status_code == 404
