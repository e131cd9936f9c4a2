"""A school on a real server and people in headless Chromium."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from lms.app import create_app
from lms.db import db
from lms.ledger import service as ledger
from tests import factories
from tests.conftest import settings_for

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}


class Quiet(WSGIRequestHandler):
    def log(self, *_args: object) -> None:
        """The test says what went wrong, not the server."""


@dataclass
class Live:
    app: Flask
    url: str


@pytest.fixture
def live(database_url: str, tmp_path: Path) -> Iterator[Live]:
    """The application on a free port of this machine, with an empty school that has a key."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet)
    settings = settings_for(tmp_path, database_url)
    url = f"http://localhost:{server.server_port}"
    app = create_app(replace(settings, base_url=url), testing=True)
    server.app = app
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    with app.app_context():
        factories.school()
        ledger.new_key()
        yield Live(app, url)
        db.session.remove()
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = next(p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name)))
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@dataclass
class Person:
    """Somebody at a browser; every page they open is checked."""

    context: BrowserContext
    page: Page
    base: str
    scripts: bool
    seen: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        answer = self.page.goto(self.base + path if path.startswith("/") else path)
        assert answer, path
        assert answer.status < 400, f"{path}: {answer.status}"
        self.look()

    def press(self, selector: str) -> None:
        """Press a button or link that leads to another page."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.look()

    def look(self) -> None:
        """The page that opened has no error, does not scroll sideways and passes axe in light and dark."""
        self.page.wait_for_load_state()
        assert self.page.locator("h1").count() >= 1, f"no heading at {self.page.url}"
        kind = self._kind()
        if self.scripts and kind not in self.seen:
            self.seen.add(kind)
            self._measure(kind)

    def _kind(self) -> str:
        parts = self.page.url.removeprefix(self.base).split("?")[0].split("/")
        return "/".join("#" if part.isdigit() or len(part) > 24 else part for part in parts)

    def _measure(self, kind: str) -> None:
        width = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if width[0] > width[1]:
            self.complaints.append(f"{kind} scrolls sideways: {width}")
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": WCAG}})
            for one in found.response["violations"]:
                where = "; ".join(node["html"][:120] for node in one["nodes"][:3])
                self.complaints.append(f"{kind} ({scheme}) {one['id']}: {where}")
        self.page.emulate_media(color_scheme="light")


@pytest.fixture
def person(live: Live, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """person(width, language, scripts) is somebody new at a browser of their own."""
    people: list[Person] = []

    def somebody(width: str = "phone", language: str = "en", scripts: bool = True) -> Person:
        wide, high = WIDTHS[width]
        context = chromium.new_context(
            viewport={"width": wide, "height": high},
            locale={"en": "en-US", "es": "es-US"}[language],
            java_script_enabled=scripts,
            bypass_csp=False,
            accept_downloads=True,
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        one = Person(context, page, live.url, scripts)
        page.on("console", lambda said: one.complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        people.append(one)
        return one

    yield somebody
    for one in people:
        one.context.close()
    assert [line for one in people for line in one.complaints] == []
