"""Students at work over HTTP; each remembers what was acknowledged, and what was under way when the server died."""

import http.client
import itertools
import re
import secrets
import threading
from contextlib import closing, suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from lms.accounts.models import User
from tests import factories

STEPS, QUESTIONS, AT_A_TIME = ("one", "two"), 4, 9


@dataclass(frozen=True)
class Act:
    """One form as it is sent; sent again it is the same form."""

    kind: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return dict(self.fields).get("act_key", "")


@dataclass
class Student:
    """A person with a browser that is signed in."""

    user_id: int
    cookie: str
    csrf: str
    enrolment_id: int
    attempt: str = ""
    acknowledged: list[Act] = field(default_factory=list)
    under_way: Act | None = None


def student(app: Flask, person: User, enrolment_id: int) -> Student:
    """Signed in as the sign-in page would do it: a session row, and its token in a sealed cookie."""
    raw = secrets.token_hex(20)
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    cookie = serializer.dumps({"_user_id": factories.signed_in(person), "_fresh": True, "csrf_token": raw})
    csrf = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(raw)  # type: ignore[arg-type]
    return Student(person.id, f"{app.config['SESSION_COOKIE_NAME']}={cookie}", str(csrf), enrolment_id)


class Cut(Exception):
    """The line went dead."""


class Browser:
    """One line to the server, opened again where the server closed it in good order."""

    def __init__(self, port: int, who: Student) -> None:
        self.line, self.who = http.client.HTTPConnection("127.0.0.1", port, timeout=30), who

    def close(self) -> None:
        self.line.close()

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        headers = {"Cookie": self.who.cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Cut from error

    def send(self, act: Act) -> str:
        """Send a form; returns where it leads, once the server has acknowledged it."""
        self.who.under_way = act
        body = urlencode([*act.fields, ("csrf_token", self.who.csrf)])
        status, location, text = self.ask("POST", act.path, body)
        assert status == 303, (act, status, text[:2000])
        assert "/login" not in location, act
        self.who.acknowledged.append(act)
        self.who.under_way = None
        return location


def _act(kind: str, path: str, **fields: str) -> Act:
    return Act(kind, path, tuple({**fields, "act_key": secrets.token_hex(32)}.items()))


def next_act(who: Student, browser: Browser, statements: list[int]) -> Act:
    """A student signs the statements, reads two steps, starts the quiz, then answers over and over."""
    done = len(who.acknowledged)
    if done < len(statements):
        return _act("sign", f"/statements/{statements[done]}/sign", agree="y")
    if done < len(statements) + len(STEPS):
        return Act("step", f"/learn/M01/M01-lesson/{STEPS[done - len(statements)]}")
    if not who.attempt:
        return _act("start", "/quizzes/M01/start")
    path = f"{who.attempt}/{done % QUESTIONS + 1}"
    _status, _location, page = browser.ask("GET", path)
    offered = re.findall(r'name="answer"[^>]*value="([^"]+)"', page)
    return Act("answer", path, (("answer", offered[done // QUESTIONS % len(offered)] if offered else f"{done}.5"),))


def work(port: int, people: list[Student], statements: list[int]) -> None:
    """Until the server dies, one student after the other; what was under way is first sent again as it was."""
    with suppress(Cut):
        for who in itertools.cycle(people):
            with closing(Browser(port, who)) as browser:
                for _ in range(AT_A_TIME):
                    act = who.under_way or next_act(who, browser, statements)
                    location = browser.send(act)
                    if act.kind == "start":
                        who.attempt = location.rsplit("/", 1)[0]


def at_work(port: int, groups: list[list[Student]], statements: list[int]) -> list[threading.Thread]:
    """Each group of students shares one pair of hands."""
    threads = [threading.Thread(target=work, args=(port, group, statements), daemon=True) for group in groups]
    for thread in threads:
        thread.start()
    return threads
