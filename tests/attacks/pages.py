"""The forms of a page as a browser would send them, and a page without what differs each time."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

TEXT = ("text", "email", "textarea", "password", "search", "tel", "url")
VOLATILE = (
    (r'value="[\w.\-]{40,}"', 'value="TOKEN"'),  # CSRF tokens and keys of acts
    (r"/static/[0-9a-f]+/", "/static/X/"),
    (r"<code>[0-9a-f]{16}</code>", "<code>ID</code>"),
)


@dataclass
class Form:
    action: str
    sent: dict[str, list[str]] = field(default_factory=dict)  # what a browser sends if nothing is touched
    kinds: dict[str, str] = field(default_factory=dict)  # the type of each field
    options: dict[str, list[str]] = field(default_factory=dict)  # of radios, boxes and selects

    @property
    def texts(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind in TEXT]


class _Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.inside = False
        self.area: str | None = None
        self.choice: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(said.get("action", "")))
            self.inside = True
        elif self.inside and (tag == "option" or said.get("name")):
            getattr(self, f"_{tag}", lambda _said: None)(said)

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.area = None if tag == "textarea" else self.area
        self.choice = None if tag == "select" else self.choice

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[-1].sent[self.area][0] += data

    def _input(self, said: dict[str, str]) -> None:
        form, name, kind = self.found[-1], said["name"], said.get("type", "text")
        form.kinds[name] = kind
        if kind in ("radio", "checkbox"):
            form.options.setdefault(name, []).append(said.get("value", "on"))
            if "checked" not in said:
                return
        if kind not in ("submit", "file"):
            form.sent.setdefault(name, []).append(said.get("value", "on" if kind == "checkbox" else ""))

    def _textarea(self, said: dict[str, str]) -> None:
        self.found[-1].kinds[said["name"]], self.area = "textarea", said["name"]
        self.found[-1].sent[said["name"]] = [""]

    def _select(self, said: dict[str, str]) -> None:
        self.found[-1].kinds[said["name"]], self.choice = "select", said["name"]

    def _option(self, said: dict[str, str]) -> None:
        if self.choice is None:
            return
        form = self.found[-1]
        form.options.setdefault(self.choice, []).append(said.get("value", ""))
        if "selected" in said or (self.choice not in form.sent and "multiple" not in said):
            form.sent[self.choice] = [said.get("value", "")]


def forms(html: str) -> list[Form]:
    return _Forms(html).found


def form_to(html: str, action: str) -> Form:
    """The form that posts to this address; else the one that posts to its own page; else an empty one."""
    found = forms(html)
    return next((form for wanted in (action, "") for form in found if form.action == wanted), Form(action))


def token(html: str) -> str:
    return next(form.sent["csrf_token"][0] for form in forms(html) if "csrf_token" in form.sent)


def plain(html: str, *ids: object) -> str:
    """A page without tokens, request numbers and the ids that the address named."""
    for pattern, instead in VOLATILE:
        html = re.sub(pattern, instead, html)
    for one in ids:
        html = re.sub(rf"(?<![\w]){re.escape(str(one))}(?![\w])", "ID", html)
    return html
