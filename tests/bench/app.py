"""What the benchmark's server runs: the whole application with a bare page, beside an empty Flask view."""

from collections.abc import Callable, Iterable

from flask import Flask

from lms import logs
from lms.access import Permission
from lms.accounts.login import requires
from lms.app import create_app
from lms.serve import settle

KILOBYTE = "<!doctype html><html lang=en><title>Bare</title><p>" + "Calm hands, learned well. " * 37


@requires(Permission.OWN_ACCOUNT)
def bare() -> str:
    """The least that a signed-in person can be answered: the session, the person, the middleware, 1 kB."""
    return KILOBYTE


def empty() -> str:
    return "empty"


def application() -> Callable[..., Iterable[bytes]]:
    logs.configure()  # as `lms serve` does: a line a request
    school, nothing = create_app(), Flask("nothing", static_folder=None)
    school.add_url_rule("/bench/bare", "bench_bare", bare)
    nothing.add_url_rule("/bench/empty", "empty", empty)
    settle(school)

    def either(environ: dict, start_response: Callable) -> Iterable[bytes]:
        return (nothing if environ["PATH_INFO"] == "/bench/empty" else school)(environ, start_response)

    return either
