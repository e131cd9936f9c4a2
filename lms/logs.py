"""JSON lines on standard error, each with the request's id and nothing personal; newlines are escaped, none forged."""

import json
import logging
import sys
import time
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from lms import clock

FIELDS = ("method", "route", "status", "ms", "job", "kind", "error")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request"] = g.get("request_id")
        line.update({k: v for k in FIELDS if (v := record.__dict__.get(k)) is not None})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)  # ASCII: no letter of any script ends a line or moves a terminal's cursor


def configure(level: int = logging.INFO) -> None:
    """One handler for the whole process; called by `lms serve` and `lms worker`, never at import."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    for chatty in ("alembic", "fontTools", "weasyprint", "huey"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    log = logging.getLogger("lms.request")

    @app.after_request
    def access_line(response: Response) -> Response:
        if not log.isEnabledFor(logging.INFO):
            return response
        route = request.url_rule.rule if request.url_rule else "-"
        ms = round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1)
        log.info(
            "request",
            extra={"method": request.method, "route": route, "status": response.status_code, "ms": ms},
        )
        return response
