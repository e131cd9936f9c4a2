"""A school on a real server and people in headless Chromium."""

import re
import shutil
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from lms.app import create_app
from lms.db import db
from lms.ledger import service as ledger
from tests import factories
from tests.conftest import settings_for

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
NARROWEST = 320
AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
# light: every rule of WCAG 2.2 AA; dark: the one that colors can break
LIGHT = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
DARK = {"type": "rule", "values": ["color-contrast"]}
RUN_AXE = """async only => (await axe.run(document, {runOnly: only, resultTypes: ["violations"]})).violations
    .map(one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join("; "))"""
# what a page is built of: elements with their classes
PARTS = """() => [...new Set([...document.querySelectorAll("body, body *")]
    .map(one => one.localName + "." + (one.getAttribute("class") ?? "")))]"""
# which control has the focus, whether a ring is drawn, whether it can be seen; a hidden radio is seen by its label
FOCUS = """() => {
    const one = document.activeElement;
    if (one === document.body) return {name: null};
    const drawn = [one, one.nextElementSibling].filter(Boolean).map(part => getComputedStyle(part).outlineStyle);
    const shown = one.matches("input[type=radio], input[type=checkbox]") ? one.closest("label") ?? one : one;
    const box = shown.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, innerHeight) / 2);
    one.dataset.met ??= String(document.querySelectorAll("[data-met]").length);
    return {name: one.dataset.met, what: one.outerHTML.slice(0, 80), ring: drawn.some(style => style !== "none"),
            seen: shown.contains(top) || (top?.contains(shown) && getComputedStyle(top).position === "static")};
}"""
IN_ORDER = """() => [...document.querySelectorAll("[data-met]")].map(one => one.dataset.met)"""
WIDER = "() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollWidth]"
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|50[03])")


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
class Checks:
    """What was looked at in this run, at one width, with scripts or without: kinds of page, and parts of pages."""

    kinds: dict[tuple[str, bool], set[str]] = field(default_factory=lambda: defaultdict(set))
    parts: dict[tuple[str, bool], set[str]] = field(default_factory=lambda: defaultdict(set))

    def new(self, where: tuple[str, bool], path: str, parts: set[str]) -> bool:
        """Whether this is a kind of page that was not seen yet, or one with a part that no page had."""
        kind = "/".join("#" if part.isdigit() or len(part) > 20 else part for part in path.split("/"))
        fresh = kind not in self.kinds[where] or bool(parts - self.parts[where])
        self.kinds[where].add(kind)
        self.parts[where] |= parts
        return fresh


@pytest.fixture(scope="session")
def checks() -> Checks:
    return Checks()


@dataclass
class Person:
    """Somebody at a browser; every page they open is checked."""

    context: BrowserContext
    page: Page
    base: str
    width: str
    scripts: bool
    checks: Checks
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, status: int = 200) -> None:
        answer = self.page.goto(self.base + path if path.startswith("/") else path)
        assert answer, path
        assert answer.status == status, f"{path}: {answer.status}"
        self.look()

    def press(self, selector: str) -> None:
        """Press a button or link that leads to another page."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.look()

    def walk_by_keyboard(self) -> None:
        """Tab meets controls in the order in which they stand; each shows a ring, and no bar lies over it."""
        self.page.locator("body").press("Tab")
        met: list[str] = []
        while (at := self.page.evaluate(FOCUS))["name"] not in (None, *met):
            met.append(at["name"])
            if not (at["ring"] and at["seen"]):
                self.complaints.append(f"{self.page.url}: focus is not to be seen: {at}")
            self.page.keyboard.press("Tab")
        in_order = self.page.evaluate(IN_ORDER)
        assert len(met) > 3
        assert met == in_order, f"Tab goes another way at {self.page.url}"

    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def look(self) -> None:
        """The page has a heading, is never wider than the window, and axe finds nothing in light or dark."""
        self.page.wait_for_load_state()
        assert self.page.locator("h1").count() == 1, f"not one heading at {self.page.url}"
        path = self.page.url.removeprefix(self.base).split("?")[0]
        self._fits(path)
        if not self.checks.new((self.width, self.scripts), path, set(self.page.evaluate(PARTS))):
            return
        if self.width == "phone":
            self._still_fits(path)
        if self.scripts:  # axe needs them, and the server sends the same page to both
            self._read(path, "light", LIGHT)
            self.page.emulate_media(color_scheme="dark")
            self._read(path, "dark", DARK)
            self.page.emulate_media(color_scheme="light")

    def _fits(self, path: str, when: str = "") -> None:
        over, wide = self.page.evaluate(WIDER)
        if over > 0:
            self.complaints.append(f"{path} scrolls sideways{when}: {wide}")

    def _read(self, path: str, scheme: str, only: dict[str, object]) -> None:
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE)
        for found in self.page.evaluate(RUN_AXE, only):
            self.complaints.append(f"{path} ({scheme}) {found}")

    def _still_fits(self, path: str) -> None:
        """On the narrowest screen, and with letters twice as large."""
        wide, high = WIDTHS[self.width]
        self.page.set_viewport_size({"width": NARROWEST, "height": high})
        self._fits(path, f" at {NARROWEST}")
        self.page.set_viewport_size({"width": wide, "height": high})
        self.page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        self._fits(path, " with text at 200 %")
        self.page.evaluate("() => { document.documentElement.style.fontSize = '' }")


@pytest.fixture
def person(live: Live, chromium: Browser, checks: Checks) -> Iterator[Callable[..., Person]]:
    """person(width, language, scripts) is somebody new at a browser of their own."""
    people: list[Person] = []

    def somebody(width: str = "phone", language: str = "en", scripts: bool = True) -> Person:
        wide, high = WIDTHS[width]
        context = chromium.new_context(
            viewport={"width": wide, "height": high},
            locale={"en": "en-US", "es": "es-US"}[language],
            java_script_enabled=scripts,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        one = Person(context, page, live.url, width, scripts, checks)
        page.on("console", lambda said: one.complaints.append(said.text) if _trouble(said) else None)
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        people.append(one)
        return one

    yield somebody
    for one in people:
        one.context.close()
    assert [line for one in people for line in one.complaints] == []


def _trouble(said: ConsoleMessage) -> bool:
    """Warnings, errors and reports of the Content-Security-Policy, but not the status of a page that refuses."""
    return said.type in ("error", "warning") and not EXPECTED.match(said.text)
