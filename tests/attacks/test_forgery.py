"""R13, R16, R25, R43: forms of other sites and sessions, addresses elsewhere, floods, and lies about the address."""

import pytest
from sqlalchemy import select

from lms import throttle
from lms.app import create_app
from lms.audit import AuditEvent
from lms.db import db
from tests.accounts.conftest import PASSWORD
from tests.attacks.acts import Cast, every
from tests.attacks.world import stored
from tests.conftest import Browser


def test_r13_every_form_refuses_no_token_a_wrong_one_and_that_of_another_session(world, browsers):
    """R13: and a NUL in any field, which no browser sends."""
    cast, theirs, wrong = Cast(browsers), browsers(world.auditor).token(), []
    for act in every(world):
        browser = cast.of(act)
        before = stored()
        for token in (None, "", "x" * 60, theirs, theirs[:-1]):
            fields = {**act.fields(browser), "csrf_token": token}
            answer = browser.post(act.address, data={k: v for k, v in fields.items() if v is not None})
            if answer.status_code != 400:
                wrong.append(f"{act.endpoint} took the token {token!r}: {answer.status_code}")
        if browser.post(act.address, data={**act.fields(browser), "words": "a\x00b"}).status_code != 400:
            wrong.append(f"{act.endpoint} took a NUL")
        if (after := stored()) != before:
            wrong.append(f"{act.endpoint} changed {[name for name in after if after[name] != before[name]]}")
        assert act.send(browser).status_code in act.lands
    assert wrong == []


@pytest.mark.parametrize("how", ["query", "header"])
def test_r13_a_token_counts_only_where_the_form_puts_it(world, browsers, how: str):
    browser = browsers(world.admin)
    token = browser.token()
    where = {"query_string": {"csrf_token": token}} if how == "query" else {"headers": {"Cookie-Token": token}}
    assert browser.post("/cohorts/new", data={"name": "Forged"}, **where).status_code == 400


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/%0d%0aSet-Cookie:x=1\r\nX: y",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "http:evil.example",
    "/@evil.example\n",
    "///\\evil.example",
    "https:/evil.example",
    "//[::1",
)


def test_r16_nothing_leads_to_another_site(world, browsers):
    """R16: sign-in, proving again, language, reading, and the way back after a refused act."""
    maya, liam = browsers(world.maya), browsers(world.liam)
    for target in ELSEWHERE:
        throttle.clear("sign-in-address", "127.0.0.1")
        throttle.clear("reauthentication", str(world.maya.id))
        _stays_here(target, world, browsers(None), maya, liam)


def _stays_here(target: str, world, guest, maya, liam) -> None:
    signing_in = {"login": str(world.liam.email), "password": PASSWORD, "next": target}
    answers = [
        guest.force("/login", **signing_in),
        liam.get("/login", query_string={"next": target}),
        maya.force("/account/confirm", password=PASSWORD, next=target),
        maya.force("/language", language="en", next=target),
        maya.force("/reading", reading="easy", next=target),
    ]
    referred = maya.post(
        "/quizzes/M01/start", data={"csrf_token": maya.token()}, headers={"Referer": " ".join(target.split())}
    )
    for answer in [*answers, *([referred] if referred.status_code == 303 else [])]:
        assert answer.status_code == 303
        assert (answer.location or "").split("?")[0] in ("/home", "/account", "/", "/quizzes/M01")
        assert "Set-Cookie:x" not in str(answer.headers)


def test_r25_a_flood_is_refused_on_every_form(app, world, browsers):
    """R25"""
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    browser, before = browsers(world.admin), stored()
    for rule in rules:
        path = str(rule)
        for name in rule.arguments:
            path = path.replace(f"<int:{name}>", "1").replace(f"<{name}>", "x")
        assert browser.post(path, data={"words": "x" * 3 * 1024 * 1024}).status_code == 413, path
        many = {f"field{n}": "" for n in range(1500)}
        assert browser.post(path, data=many, content_type="multipart/form-data").status_code == 413, path
    assert stored() == before


def addresses() -> set[str | None]:
    return set(db.session.scalars(select(AuditEvent.address)))


LIE = {
    "X-Forwarded-For": "66.66.66.66",
    "X-Real-IP": "66.66.66.66",
    "Forwarded": "for=66.66.66.66",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "Client-IP": "66.66.66.66",
}


def test_r43_what_a_browser_says_of_its_address_changes_neither_record_nor_limit_nor_session(world, browsers):
    """R43"""
    guest = browsers(None)
    token = guest.token()
    statuses = []
    for n in range(12):
        typed = {"csrf_token": token, "login": str(world.maya.email), "password": "wrong words here"}
        headers = {**LIE, "X-Forwarded-For": f"66.66.66.{n}", "User-Agent": f"browser {n}"}
        statuses.append(guest.post("/login", data=typed, headers=headers).status_code)
    assert statuses == [422] * 10 + [429] * 2
    maya = browsers(world.maya)
    assert maya.get("/account", headers=LIE).status_code == 200
    reset = maya.post("/reset", data={"csrf_token": maya.token(), "login": str(world.maya.email)}, headers=LIE)
    assert "evil.example" not in reset.text + str(reset.headers)
    assert addresses() <= {"127.0.0.1", None}


def test_r43_behind_one_proxy_its_word_counts_and_the_clients_does_not(app, world, database_url, tmp_path):
    settings = app.config["SETTINGS"]
    behind = create_app(type(settings)(**{**settings.__dict__, "proxy_hops": 1}), testing=True)
    behind.test_client_class = Browser
    with behind.app_context():
        client = behind.test_client()
        page = client.get("/login")
        token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        typed = {"csrf_token": token, "login": "nobody", "password": "wrong words here"}
        client.post("/login", data=typed, headers={"X-Forwarded-For": "66.66.66.66, 10.9.8.7"})
        assert "10.9.8.7" in addresses()
        assert "66.66.66.66" not in addresses()
        db.session.remove()
        db.engine.dispose()
