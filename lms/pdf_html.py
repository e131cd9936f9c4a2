"""What all papers share before they are PDFs: a bare Jinja environment, frozen words, QR codes and dates."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"
PNG = "data:image/png;base64,"
Lang = Literal["en", "es"]
Words = Mapping[str, Any]

_jinja = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def html(template: str, **values: Any) -> str:
    return _jinja.get_template(template).render(values)


@cache
def words(file: str, version: str, lang: str) -> Words:
    """The words of a paper, frozen for each version of its template: a later wording is a new version."""
    return json.loads((TEMPLATES / file).read_text(encoding="utf-8"))[version][lang]


def picture(png: bytes) -> str:
    return PNG + b64encode(png).decode()


def qr(url: str) -> str:
    """A QR code in capitals, which need fewer squares: the page it opens must not mind the case."""
    code = segno.make(url.upper(), error="m", micro=False, boost_error=False, mask=3)  # one mask tried, not eight
    return code.png_data_uri(scale=4, border=0)


def shown(url: str) -> str:
    """An address as a person types it."""
    return url.removeprefix("https://").removeprefix("http://")


def grouped(code: str, size: int) -> str:
    """ "9f2c61d07b3e" -> "9f2c61d0 7b3e": a hash that an eye can compare."""
    return " ".join(code[at : at + size] for at in range(0, len(code), size))


def day(of: date, t: Words) -> str:
    return t["date"].format(day=of.day, month=t["months"][of.month - 1], year=of.year)


def short_day(of: date, t: Words) -> str:
    return t["short_date"].format(day=of.day, month=t["short_months"][of.month - 1], year=of.year)
