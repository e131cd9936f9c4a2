"""The headers of every response: pages, refusals, errors and static files."""

import re
from dataclasses import replace

import pytest

from lms.access import Role
from lms.app import create_app
from lms.db import db
from lms.headers import CSP, HEADERS
from tests import factories


@pytest.fixture
def app(app):
    @app.get("/broken")
    def broken():
        raise ValueError("broken")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def static_address(page: str) -> str:
    found = re.search(r'href="(/static/[^"]+app\.css)"', page)
    assert found is not None
    return found[1]


def responses(app):
    client = app.test_client()
    login = client.get("/login")
    return {
        "page": login,
        "redirect": client.get("/"),
        "missing": client.get("/nothing-here"),
        "error": client.get("/broken"),
        "refused": client.post("/login", data={}),
        "method": client.delete("/login"),
        "health": client.get("/healthz"),
        "static": client.get(static_address(login.text)),
        "static-missing": client.get("/static/0000/none.css"),
    }


def test_every_response_carries_the_security_headers(app):
    found = responses(app)
    assert {name: r.status_code for name, r in found.items()} == {
        "page": 200,
        "redirect": 302,
        "missing": 404,
        "error": 500,
        "refused": 400,
        "method": 405,
        "health": 200,
        "static": 200,
        "static-missing": 404,
    }
    for name, response in found.items():
        for header, value in HEADERS.items():
            assert response.headers.getlist(header) == [value], (name, header)


def test_the_policy_allows_nothing_inline_and_nobody_else(app):
    assert "unsafe" not in CSP
    assert "nonce" not in CSP
    for part in ("default-src 'none'", "object-src 'none'", "media-src 'self'", "frame-ancestors 'none'"):
        assert part in CSP


def test_signed_in_pages_are_never_stored(as_):
    page = as_(factories.user(Role.STUDENT)).get("/account")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Cookie" in page.vary


def test_static_files_are_kept_for_ever_under_their_hash_and_only_there(app):
    client = app.test_client()
    address = static_address(client.get("/login").text)
    assert "immutable" in client.get(address).headers["Cache-Control"]
    old = client.get(re.sub(r"/static/[0-9a-f]+/", "/static/0123/", address))
    assert old.status_code == 200
    assert old.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in client.get(address).headers


def test_a_wrong_method_is_told_which_are_right(app):
    assert "POST" in app.test_client().delete("/login").headers["Allow"]


def test_https_is_remembered_by_browsers_where_the_school_has_it(app, production):
    assert "Strict-Transport-Security" not in app.test_client().get("/healthz").headers
    secure = create_app(production, testing=True).test_client()
    answer = secure.get("/healthz", base_url="https://school.example")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_foreign_host_name_gets_a_plain_refusal(app):
    public = replace(app.config["SETTINGS"], env="production", base_url="https://school.example")
    client = create_app(public, testing=True).test_client()
    answer = client.get("/login", base_url="https://evil.example")
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    assert answer.headers["Content-Security-Policy"] == CSP


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("hops", [0, 1])
def test_whoever_watches_the_server_may_ask_by_its_address(app, path, hops):
    public = replace(app.config["SETTINGS"], env="production", base_url="https://school.example", proxy_hops=hops)
    school = create_app(public, testing=True)
    client = school.test_client()
    for host in ("10.20.30.40:8000", "evil.example", "not a host"):
        answer = client.get(path, headers={"Host": host, "X-Forwarded-Host": host})
        assert answer.status_code == 200
        assert host not in answer.text + str(answer.headers)
    assert client.get(path + "/x", headers={"Host": "10.20.30.40"}).status_code == 400
    with school.app_context():
        db.engine.dispose()
