"""Exceptions to pages: each says what happened and what next, with an id and never a trace. One needs no database."""

import errno
import logging
from collections.abc import Callable, Mapping
from html import escape

from flask import Flask, Response, current_app, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    RequestEntityTooLarge,
    SecurityError,
)

from lms.db import db
from lms.errors import Conflict, NotAllowed, NotFound, OtherBody, SchoolError, TooManyTries
from lms.forms import in_words, upright
from lms.i18n import _, language, lazy, of_browser

log = logging.getLogger("lms.errors")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG}
SECRET_FIELDS = {"csrf_token", "act_key", "version"}


def typed() -> list[tuple[str, str]]:
    """What the person typed, to be shown and sent again; passwords and codes are never given back."""
    return [
        (name, upright(value))
        for name in request.form
        for value in request.form.getlist(name)
        if name not in SECRET_FIELDS and "password" not in name and "code" not in name
    ]


def page(status: int, title: str, words: str, **context: object) -> ResponseReturnValue:
    return render_template("errors/error.html", status=status, title=title, words=words, **context), status


def not_found(_error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return page(404, _("There is nothing here"), _("The address may be mistyped, or this page is not yours to see."))


def not_allowed(_error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return page(
        403,
        _("This is not yours to do"),
        _("Your account may not do this. Ask the school if you think it should."),
    )


def rule_broken(error: SchoolError) -> ResponseReturnValue:
    """A refused act: the sentence, and what was typed, on one page; or back to the page that offered the act."""
    db.session.rollback()
    if request.method == "POST" and not typed() and request.referrer:
        flash(str(error), "wait")
        return redirect(request.referrer if request.referrer.startswith(request.host_url) else "/", 303)
    return page(409, _("Not possible now"), str(error), typed=typed())


def conflict(error: Conflict) -> ResponseReturnValue:
    db.session.rollback()
    mine = dict(typed())
    rows = [(*in_words(name, saved), in_words(name, mine.get(name, ""))[1]) for name, saved in error.current.items()]
    return render_template("errors/conflict.html", rows=rows, typed=typed(), version=error.version), 409


def other_body(error: OtherBody) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("errors/other_body.html", location=error.location, typed=typed()), 409


def too_many(error: TooManyTries) -> ResponseReturnValue:
    db.session.rollback()
    minutes = max(1, round(error.retry_after / 60))
    body = render_template(
        "errors/error.html",
        status=429,
        title=_("Too many tries"),
        words=_("Wait %(minutes)s min, then try again. Nothing was lost.", minutes=minutes),
    )
    return Response(body, 429, {"Retry-After": str(error.retry_after)})


def csrf(_error: CSRFError) -> ResponseReturnValue:
    """The form is from another session or too old: keep what was typed and offer to send it again."""
    db.session.rollback()
    if not _from_our_pages():
        return page(400, _("This did not come from our pages"), _("Another site sent this form. Nothing was done."))
    return render_template("errors/send_again.html", typed=typed(), action=request.full_path.rstrip("?")), 400


def _from_our_pages() -> bool:
    """A browser says where a form comes from; what says nothing is not offered to be sent again."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    return site == "same-origin" or (site is None and origin == request.host_url.rstrip("/"))


def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return page(413, _("That is too much at once"), _("The form or file is too large for this page."))


def http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    if isinstance(error, SecurityError):  # no page can be made for a host name that is not ours
        return _plain(400, lazy("This did not work"), lazy("The school is not at this address."))
    made = make_response(page(error.code, _("This did not work"), _("The request could not be understood.")))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        made.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return made


def no_database(error: Exception) -> ResponseReturnValue:
    """The database is away, or the disk is full. Works without a database, or a template that asks for one."""
    log.error("database", exc_info=error)
    return _plain(
        503,
        lazy("The school cannot be reached right now"),
        lazy("What you just sent was not saved. Everything before it is safe. Try again in a minute."),
        {"Retry-After": "30"},
    )


def system(error: OSError) -> ResponseReturnValue:
    return no_database(error) if error.errno in NO_ROOM else unexpected(error)


def unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected", exc_info=error)
    try:
        db.session.rollback()
    except DBAPIError:
        return no_database(error)
    return _plain(
        500,
        lazy("Something went wrong on our side"),
        lazy("Nothing you saved is lost. If it happens again, tell the school this number."),
    )


def page_broke(error: InternalServerError) -> ResponseReturnValue:
    """Even the page about an error could not be made."""
    cause = error.original_exception if isinstance(error.original_exception, Exception) else error
    return no_database(cause) if isinstance(cause, OperationalError) else unexpected(cause)


def _plain(status: int, title: object, words: object, headers: Mapping[str, str] | None = None) -> Response:
    with force_locale(of_browser()):
        tongue, name, sentence, again = language(), escape(str(title)), escape(str(words)), escape(_("Try again"))
        number = escape(_("Number of this message"))
    looks = escape(current_app.jinja_env.globals["static_url"]("app.css"))  # from memory: it needs no database
    here = escape("/" + request.path.lstrip("/"))  # two slashes would lead to another site
    body = (
        f'<!doctype html><html lang="{tongue}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f'<link rel="stylesheet" href="{looks}"><title>{name}</title>'
        f'<body><main class="wrap page message"><h1>{name}</h1><p>{sentence}</p>'
        f'<p><a class="btn" href="{here}">{again}</a></p>'
        f'<p class="small muted">{number}: <code>{escape(g.get("request_id", ""))}</code></p></main></html>'
    )
    return Response(body, status, dict(headers or {}), mimetype="text/html")


HANDLERS: dict[type[Exception], Callable[..., ResponseReturnValue]] = {
    NotFound: not_found,
    NoResultFound: not_found,
    NotAllowed: not_allowed,
    SchoolError: rule_broken,
    Conflict: conflict,
    OtherBody: other_body,
    TooManyTries: too_many,
    CSRFError: csrf,
    RequestEntityTooLarge: too_large,
    OperationalError: no_database,
    NoConnection: no_database,
    OSError: system,
    InternalServerError: page_broke,
    HTTPException: http_error,
    Exception: unexpected,
}


def init_app(app: Flask) -> None:
    for kind, handle in HANDLERS.items():
        app.register_error_handler(kind, handle)
    app.register_error_handler(404, not_found)
    app.register_error_handler(403, not_allowed)
