"""R14: hostile text in every field of every form, then every page of every role: it is shown as text, or refused."""

from collections.abc import Iterator
from html.parser import HTMLParser

from tests.attacks.acts import Act, Cast, every
from tests.attacks.pages import form_to
from tests.attacks.test_secrets import crawl

RTL = "\u202e\u2066"
HOSTILE = "'\"><b7331>{{7*7331}}&lt;i7331&gt;" + RTL
ADDRESS = '"><b7331@{}.example'
DOUBLE = "%3Cb7331%3E&#60;b7331&#62;<svg7331/onload=x7331>"
KEPT = {"login", "password", "new_password", "code", "serial", "csrf_token", "act_key", "key", "value"}


class Seen(HTMLParser):
    """What a browser would make of a page: elements and attributes of ours, or of somebody else."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "7331" in tag or any("7331" in name or name.startswith("on") or name == "style" for name, _ in attrs):
            self.wrong.append(f"<{tag} {attrs}>")
        if any((value or "").lower().startswith(("javascript:", "data:text")) for _name, value in attrs):
            self.wrong.append(f"<{tag} {attrs}>")

    def handle_data(self, data: str) -> None:
        if "<i7331>" in data:
            self.wrong.append(f"unescaped twice: {data[:80]}")
        if any(letter in data for letter in RTL):
            self.wrong.append(f"turned round: {data[:80]}")


def broken(page: str) -> list[str]:
    found = Seen(page).wrong
    if str(7 * 7331) in page:
        found.append("a template ran")
    return found


def texts(act: Act, browser) -> list[str]:
    """The text fields of the act's form, and those it takes without showing them."""
    form = form_to(browser.get(act.page).text, act.address)
    known = [name for name, kind in form.kinds.items() if kind in ("text", "email", "textarea", "hidden", "search")]
    return [name for name in known if name not in KEPT]


def hostile(act: Act, browser) -> Iterator[dict[str, str]]:
    """All fields at once; the acts' own words stand in those that refused."""
    names = texts(act, browser)
    for payload in (HOSTILE, DOUBLE):
        yield {name: ADDRESS.format(act.endpoint) if name == "email" else payload for name in names}


def refused(page: str, fields: dict[str, str]) -> set[str]:
    return {name for name in fields if f'id="{name}-err"' in page}


def send(act: Act, browser, wrong: list[str]) -> bool:
    """The act with as much hostile text as it takes. Returns whether any was taken."""
    for fields in hostile(act, browser):
        for _round in range(4):
            answer = browser.post(act.address, data={**act.fields(browser), **fields})
            wrong += [f"{act.endpoint}: {what}" for what in broken(answer.text)]
            if answer.status_code >= 500:
                wrong.append(f"{act.endpoint} answered {answer.status_code}")
            if answer.status_code in act.lands:
                return bool(fields)
            out = refused(answer.text, fields) or {"version", "next", "kept"} & fields.keys()
            fields = {name: text for name, text in fields.items() if name not in out}
            if not out:
                break
    assert act.send(browser).status_code in act.lands, act.endpoint
    return False


ROLES = ("admin", "auditor", "dana", "bruno", "maya", "liam", "eve", "pia", "nora", "zoe")
FORMS_OF_OFFICE = ("/people/new", "/cohorts/new", "/school/edit", "/school/signatories/new")
FORMS_OF_OFFICE += ("/school/policies", "/school/policies/quiz_attempts")


def test_r14_hostile_text_is_text_on_every_page_of_every_role(world, browsers):
    """R14"""
    cast, wrong, taken = Cast(browsers), [], set()
    for act in every(world):
        if send(act, cast.of(act), wrong):
            taken.add(act.endpoint)
    assert not wrong, "\n".join(wrong)
    assert taken >= {"cohorts.enrol", "cohorts.create", "practicals.save", "practicals.answer", "school.statement"}
    for name in (*ROLES, None):
        person = getattr(world, name) if name else None
        starts = ("/home", *FORMS_OF_OFFICE) if name == "admin" else ("/home", "/verify", "/login")
        for address, everything in crawl(browsers(person), *starts, most=60):
            if everything[:3] >= "500":
                wrong.append(f"{address} of {name} answered {everything[:3]}")
            headers, _line, page = everything.partition("<")
            if "text/html" in headers:
                wrong += [f"{address} of {name}: {what}" for what in broken(f"<{page}")]
    assert not wrong, "\n".join(wrong)


def test_r14_hostile_addresses_are_text_too(world, browsers):
    guest, office = browsers(None), browsers(world.admin)
    for payload in (HOSTILE, DOUBLE, "%s%(x)s{0}", "\ud800".encode("utf-8", "surrogatepass")):
        _is_text(payload, world, guest, office)


def _is_text(payload: str | bytes, world, guest, office) -> None:
    for path in ("/people", "/certificates", f"/cohorts/{world.a.id}/readiness"):
        answer = office.get(path, query_string={"q": payload, "role": payload, "state": payload, "after": payload})
        assert (answer.status_code, broken(answer.text)) == (200, [])
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else payload
    for path in (f"/verify/{text}", f"/reset/{text}", f"/invitations/{text}", f"/no/{text}", "/login?next=/" + text):
        answer = guest.get(path)
        assert answer.status_code in (200, 404)
        assert broken(answer.text) == []


def test_r14_a_search_with_a_pattern_that_could_run_for_ever_is_quick(world, browsers):
    office = browsers(world.admin)
    for pattern in ("(a+)+" * 10_000, "%_" * 20_000, "\\" * 20_000):
        for path in ("/people", "/certificates"):
            assert office.get(path, query_string={"q": pattern}).status_code == 200
    assert browsers(None).force("/verify", serial="A-" * 20_000, name="(a+)+$" * 5000).status_code == 422
