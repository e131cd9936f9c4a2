"""Which language a person reads, and how dates, times and hours are written in it."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, format_date, format_datetime, format_time, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel import ngettext as ngettext
from flask_babel import pgettext as pgettext
from flask_login import current_user

__all__ = ["LANGUAGES", "_", "language", "lazy", "long_date", "ngettext", "pgettext"]

lazy = cast(Callable[..., str], lazy_gettext)  # reads as text wherever it is shown
LANGUAGES = {"en": "English", "es": "Español"}
LOCALES = {
    "en": "en_US",
    "es": "es_US",
}  # es_US keeps 1,234.5 and a.m./p.m. as people in California write them
CATALOGUES = Path(__file__).parent / "translations"


def choose() -> str:
    """The person's own choice, then this browser's, then what the browser asks for, then English."""
    if not has_request_context():
        return LOCALES["en"]
    chosen = getattr(current_user, "locale", None) or session.get("language")
    return LOCALES[
        chosen if chosen in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES)) or "en"
    ]


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


def day_month(day: date | datetime) -> str:
    if isinstance(day, datetime):
        day = in_zone(day).date()
    return format_date(day, "d MMM y" if language() == "es" else "MMM d, y")


def clock_time(instant: datetime) -> str:
    return format_time(in_zone(instant).time(), "short", rebase=False)


def long_datetime(instant: datetime) -> str:
    return format_datetime(in_zone(instant), "long", rebase=False)


def hours(minutes: int) -> str:
    """Minutes as clock hours: two decimals, rounded down to a quarter (RULES 5.5)."""
    quarters = (Decimal(minutes) / 15).to_integral_value(ROUND_DOWN)
    return f"{quarters / 4:.2f}"


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
    app.jinja_env.filters.update(
        long_date=long_date,
        day_month=day_month,
        clock_time=clock_time,
        long_datetime=long_datetime,
        hours=hours,
    )
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
