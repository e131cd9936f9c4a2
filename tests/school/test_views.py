import re
from datetime import timedelta

import pytest

from lms.access import Role
from lms.i18n import long_date
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


def rule(browser, key, **typed):
    url = f"/school/policies/{key}"
    form = hidden(browser.get(url).text) | {"effective_from": str(service.today()), "source": "board"}
    return browser.post(url, data=form | typed)


@pytest.mark.parametrize("typed", ["many", "0", "21", "", "1e3", "٤", "9" * 5000])
def test_a_rule_with_a_wrong_value_says_once_which_values_it_takes(as_, app, typed):
    answer = rule(as_(factories.user(Role.ADMIN)), "quiz_attempts", value=typed)
    assert answer.status_code == 422
    words = "whole number from 1 to 20" if typed else "Fill in “New value”"
    assert answer.text.count(words) == 2  # in the summary and at the field
    assert "Not a valid integer" not in answer.text


def test_a_choice_is_offered_in_words_and_nothing_else_is_taken(as_, app):
    browser = as_(factories.user(Role.ADMIN))
    page = browser.get("/school/policies/name_on_verify_page").text
    assert "Initials" in page
    assert "Today: Full name" in page
    assert rule(browser, "name_on_verify_page", value="nickname").status_code == 422
    assert rule(browser, "name_on_verify_page").status_code == 422
    assert rule(browser, "name_on_verify_page", value="initials").status_code == 303
    assert rule(browser, "staff_second_factor", value="no").status_code == 303
    assert (service.policy("name_on_verify_page"), service.policy("staff_second_factor")) == ("initials", False)


def test_the_rules_say_in_words_what_holds_who_set_it_and_what_comes(as_, app):
    browser = as_(factories.user(Role.ADMIN, legal_name="Ada Office"))
    later = service.today() + timedelta(days=3)
    assert rule(browser, "quiz_attempts", value="4").status_code == 303
    assert rule(browser, "quiz_attempts", value="5", effective_from=str(later)).status_code == 303
    page = " ".join(browser.get("/school/policies").text.split())
    assert "4 tries" in page
    assert f"Set by Ada Office, in force from {long_date(service.today())}. Source: board" in page
    assert f"From {long_date(later)}: 5 tries" in page
    assert "30 minutes" in page  # a default
    spanish = as_(factories.user(Role.AUDITOR, locale="es")).get("/school/policies").text
    assert "4 intentos" in spanish
    assert "/school/policies/quiz_attempts" not in spanish  # an auditor reads


def test_what_was_in_force_is_not_changed_afterwards(as_, app):
    factories.statements()
    browser, yesterday = as_(factories.user(Role.ADMIN)), str(service.today() - timedelta(days=1))
    assert rule(browser, "quiz_attempts", value="4").status_code == 303
    url = "/school/statements/honour"
    page = browser.get(url).text
    assert f'value="{service.today()}"' in page
    text = hidden(page) | {"text_en": "A newer text of the statement.", "text_es": "Un texto más nuevo, y largo."}
    late = (
        rule(browser, "quiz_attempts", value="5", effective_from=yesterday),
        browser.post(url, data=text | {"effective_from": yesterday, "source": "board"}),
    )
    for answer in late:
        assert answer.status_code == 422
        assert "Choose today or a later day." in answer.text
        assert 'href="#effective_from"' in answer.text
    assert "A newer text" in late[1].text
    assert service.policy("quiz_attempts") == 4


def test_what_is_no_rule_of_the_school_cannot_be_set(as_, app):
    browser = as_(factories.user(Role.ADMIN))
    for key in ("require_cpr_card", "nothing"):
        assert browser.get(f"/school/policies/{key}").status_code == 404


def test_every_settings_page_opens_for_an_admin(as_, app):
    factories.statements()
    browser = as_(factories.user(Role.ADMIN))
    for url in (
        "/school",
        "/school/statements/honour",
        "/school/signatories/new",
        "/school/policies",
        "/school/policies/skill_tries",
    ):
        assert browser.get(url).status_code == 200, url
    assert browser.get("/school/statements/nothing").status_code == 404
