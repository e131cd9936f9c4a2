"""The people at the other end, in a process of their own so that their CPU is not the server's."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONNECTIONS = 8


class Unexpected(Exception):
    """The server answered with something that is not the page to be measured."""


@dataclass(frozen=True)
class Request:
    path: str
    cookie: str = ""
    body: str | None = None  # a form, sent by POST as the page's script does
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Clients:
    """Orders go down and answers come up, a line of JSON each."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, port: int, requests: list[Request]) -> list[float]:
        """Seconds that each request took. Raises Unexpected."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"port": port, "requests": [asdict(r) for r in requests]}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if answer["wrong"]:
            raise Unexpected(answer["wrong"])
        return answer["took"]


@contextmanager
def clients() -> Iterator[Clients]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        yield Clients(process)
        assert process.stdin
        process.stdin.close()


# ---- the other side


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_all(order["port"], order["requests"])), flush=True)


def _all(port: int, requests: list[dict[str, Any]]) -> dict[str, Any]:
    rest, took, wrong = iter(requests), [], []
    turn = threading.Lock()

    def person() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        while not wrong:
            with turn:
                request = next(rest, None)
            if request is None:
                break
            try:
                took.append(_one(connection, request))
            except (OSError, Unexpected) as error:
                wrong.append(f"{request['path']}: {error}")
        connection.close()

    people = [threading.Thread(target=person) for _ in range(CONNECTIONS)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return {"took": took, "wrong": "; ".join(wrong)}


def _one(connection: HTTPConnection, request: dict[str, Any]) -> float:
    headers = {
        "Accept-Language": "en",
        "Accept-Encoding": "gzip, br",
        "Cookie": request["cookie"],
        **request["headers"],
    }
    if request["body"] is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    began = time.perf_counter()
    connection.request("GET" if request["body"] is None else "POST", request["path"], request["body"], headers)
    response = connection.getresponse()
    body = response.read()
    took = time.perf_counter() - began
    if response.status != request["status"]:
        raise Unexpected(f"{response.status} instead of {request['status']}: {body[:300]!r}")
    return took


if __name__ == "__main__":
    main()
