"""Is it alive, is it ready: for whoever watches the server."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from lms import migrate
from lms.access import Permission
from lms.db import db

bp = Blueprint("health", __name__)


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
