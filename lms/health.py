"""Is it alive, is it ready: for whoever watches the server."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from lms import migrate
from lms.access import Permission
from lms.db import db

bp = Blueprint("health", __name__)
PATHS = ("/healthz", "/readyz")


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    return {"alive": True}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """503 until the database answers and its schema is at head."""
    try:
        with db.engine.connect() as connection:
            problem = migrate.behind(connection)
    except DBAPIError:
        problem = "the database is out of reach"
    if problem:
        return {"ready": False, "problem": problem}, 503
    return {"ready": True}


for view in (healthz, readyz):
    view.permission = Permission.PUBLIC  # type: ignore[attr-defined]


def init_app(app: Flask, *, base_url: str) -> None:
    """A load balancer asks by the machine's address: these pages take any name, and go on under the school's."""
    inner, host = app.wsgi_app, urlsplit(base_url).netloc

    def under_our_name(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in PATHS:
            environ = {**environ, "HTTP_HOST": host}
        return inner(environ, start_response)

    app.wsgi_app = under_our_name  # type: ignore[method-assign]
