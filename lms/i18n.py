"""Which language a person reads, and how dates, times and hours are written in it."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from functools import partial
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, format_date, format_datetime, format_time, get_locale, get_translations
from flask_babel.speaklater import LazyString
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

__all__ = ["LANGUAGES", "_", "language", "lazy", "long_date", "ngettext", "pgettext"]

LANGUAGES = {"en": "English", "es": "Español"}
LOCALES = {
    "en": "en_US",
    "es": "es_US",
}  # es_US keeps 1,234.5 and a.m./p.m. as people in California write them
CATALOGUES = Path(__file__).parent / "translations"


# ---- words ------------------------------------------------------------------------------------------------------
def _(text: str, **values: object) -> str:
    """The text in the language of this page."""
    said = _catalogue().ugettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    return _catalogue().ungettext(one, many, num) % {"num": num, **values}


def pgettext(context: str, text: str, **values: object) -> str:
    """The same word means two things: `context` says which."""
    said = str(_catalogue().upgettext(context, text))
    return said % values if values else said


lazy = cast(Callable[..., str], partial(LazyString, _))  # reads as text wherever it is shown


def _catalogue() -> NullTranslations:
    """Looked up once a page: Flask-Babel looks for every word, and empties this place where the locale changes."""
    page = getattr(g, "_flask_babel", None) if g else None
    known = getattr(page, "babel_translations", None)
    if known is None:
        known = get_translations()
        if g:
            g._flask_babel.babel_translations = known
    return known


@pass_eval_context
def _in_page(page: EvalContext, text: str, **values: object) -> str:
    """As Jinja's own, which asks three times as long; a page, unlike a mail in plain text, escapes the values."""
    said = _catalogue().ugettext(text)
    said = Markup(said) if page.autoescape else said  # noqa: S704  # nosec B704  our words; values are escaped
    return said % values if values or "%" in said else said


@pass_eval_context
def _in_page_counted(page: EvalContext, one: str, many: str, num: int, **values: object) -> str:
    said = _catalogue().ungettext(one, many, num)
    return (Markup(said) if page.autoescape else said) % {"num": num, **values}  # noqa: S704  # nosec B704  as above


# ---- which language ---------------------------------------------------------------------------------------------


def choose() -> str:
    """The person's own choice, then this browser's, then what the browser asks for, then English."""
    if not has_request_context():
        return LOCALES["en"]
    chosen = getattr(current_user, "locale", None)
    return LOCALES[chosen] if chosen in LANGUAGES else of_browser()


def of_browser() -> str:
    """The locale without a look at who is signed in: for pages that must do without the database."""
    chosen = session.get("language")
    return LOCALES[chosen if chosen in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES)) or "en"]


def language() -> str:
    """The two-letter language of this page."""
    locale = get_locale()
    return locale.language if locale else "en"


def in_zone(instant: datetime) -> datetime:
    """The instant on the school's clock; lms/app.py gives the zone."""
    return instant.astimezone(ZoneInfo(g.get("zone", "UTC")))


def long_date(day: date | datetime) -> str:
    """“November 24, 2026”, “24 de noviembre de 2026”: short numeric dates read differently in both languages."""
    if isinstance(day, datetime):
        day = in_zone(day).date()
    return format_date(day, "long")


def weekday_date(day: date) -> str:
    """“Tuesday, November 24”, “Martes, 24 de noviembre”: for a page about one day."""
    said = format_date(day, "EEEE, d 'de' MMMM" if language() == "es" else "EEEE, MMMM d")
    return said[:1].upper() + said[1:]


def day_month(day: date | datetime) -> str:
    if isinstance(day, datetime):
        day = in_zone(day).date()
    return format_date(day, "d MMM y" if language() == "es" else "MMM d, y")


def clock_time(instant: datetime) -> str:
    return format_time(in_zone(instant).time(), "short", rebase=False)


def long_datetime(instant: datetime) -> str:
    """“November 24, 2026 at 1:42 PM PST”: the day as elsewhere, the minute, and the zone."""
    local = in_zone(instant)
    pattern = "d 'de' MMMM 'de' y, h:mm a z" if language() == "es" else "MMMM d, y 'at' h:mm a z"
    return format_datetime(local, pattern, rebase=False)


def hours(minutes: int) -> str:
    """Minutes as clock hours, rounded down to a quarter: “1.25”, “7.5”, “18”."""
    quarters = (Decimal(minutes) / 15).to_integral_value(ROUND_DOWN)
    return f"{quarters / 4:.2f}".rstrip("0").rstrip(".")


def compile_catalogues() -> None:
    """Make the .mo of each .po that is newer; the wheel carries them made."""
    for po in CATALOGUES.glob("*/LC_MESSAGES/messages.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source)
        fresh = mo.with_suffix(f".{id(catalogue)}.tmp")
        with fresh.open("wb") as target:
            write_mo(target, catalogue)
        fresh.replace(mo)


def init_app(app: Flask) -> None:
    compile_catalogues()
    Babel(app, locale_selector=choose, default_translation_directories=str(CATALOGUES))
    app.jinja_env.globals.update(_=_in_page, gettext=_in_page, ngettext=_in_page_counted)
    app.jinja_env.filters.update(
        long_date=long_date,
        weekday_date=weekday_date,
        day_month=day_month,
        clock_time=clock_time,
        long_datetime=long_datetime,
        hours=hours,
    )
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
