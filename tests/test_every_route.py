"""The whole application: every route names its permission and keeps it, for every role (R1, R15, R41)."""

import pytest

from lms.access import GRANTS, Permission, Role, allows
from lms.headers import HEADERS
from tests import factories

EVERYBODY = [None, *Role]


def routes(app):
    """(rule, method, view) of each route; HEAD and OPTIONS follow GET."""
    return [
        (rule, method, app.view_functions[rule.endpoint])
        for rule in sorted(app.url_map.iter_rules(), key=str)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def address(rule):
    """The route's address with ids that nothing has."""
    values = {name: 987654 if name.endswith("_id") and "int" in str(rule) else "nothing" for name in rule.arguments}
    return str(rule) if not values else _filled(str(rule), values)


def _filled(rule, values):
    for name in values:
        for pattern in (f"<int:{name}>", f"<path:{name}>", f"<string:{name}>", f"<{name}>"):
            rule = rule.replace(pattern, "987654" if pattern.startswith("<int") else "nothing")
    return rule


def test_every_route_names_its_permission(app):
    unnamed = {
        rule.endpoint
        for rule, _method, view in routes(app)
        if not isinstance(getattr(view, "permission", None), Permission)
    }
    assert unnamed == set()


def test_every_permission_is_somebodys_and_is_used(app):
    granted = set().union(*GRANTS.values())
    used = {view.permission for _rule, _method, view in routes(app)}
    assert granted == set(Permission)
    assert used <= granted


def test_an_unknown_role_may_only_see_what_is_public():
    assert allows(None, Permission.PUBLIC)
    assert not any(allows(None, p) for p in Permission if p is not Permission.PUBLIC)


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
def test_each_route_is_refused_to_every_role_that_the_table_does_not_name(app, as_, role):
    """R1"""
    app.config["WTF_CSRF_ENABLED"] = False  # what is tried is the permission, not the form's token
    browser = as_(factories.user(role) if role else None)
    wrong = []
    for rule, method, view in routes(app):
        answer = browser.open(address(rule), method=method)
        refused = answer.status_code in (401, 403) or "/login" in (answer.location or "")
        if view.permission is not Permission.PUBLIC and refused == allows(role, view.permission):
            wrong.append(f"{method} {rule} answered {answer.status_code} to {role}")
        if answer.status_code >= 500:
            wrong.append(f"{method} {rule} broke for {role}")
        if answer.status_code < 400 and rule.endpoint in ("accounts.logout",):
            browser = as_(factories.user(role) if role else None)
    assert wrong == []


def test_every_answer_carries_the_security_headers(app, as_):
    """R15, R41: pages, refusals, missing pages and redirects alike."""
    browser = as_(factories.user(Role.ADMIN))
    for rule, method, _view in routes(app):
        if method != "GET":
            continue
        answer = browser.get(address(rule))
        assert {k: answer.headers.get(k) for k in HEADERS} == HEADERS, str(rule)
        if rule.endpoint != "static_files.serve":
            assert "no-store" in answer.headers["Cache-Control"], str(rule)
            assert "Cookie" in answer.headers["Vary"], str(rule)


def test_no_post_works_without_its_token(app, as_):
    """R13"""
    browser = as_(factories.user(Role.ADMIN))
    for rule, method, _view in routes(app):
        if method == "POST":
            assert browser.post(address(rule)).status_code == 400, str(rule)
