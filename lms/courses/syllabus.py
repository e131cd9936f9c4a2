"""The syllabus on paper: hours by kind, modules, classes, skills and finals of one course version."""

from typing import cast

from flask import current_app

from lms import pdf_html, pdf_process
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.db import db
from lms.i18n import hours
from lms.pdf_html import Lang
from lms.school import service as school
from lms.school.types import SchoolHead

WORDS, TEMPLATE = "courses/syllabus.json", "syllabus 1.0"


def pdf(version_id: int, lang: str) -> bytes:
    """Raises PdfRefused."""
    version = catalog.get(version_id)
    number, made_of, address = version.number, version.published_at, f"{current_app.config['BASE_URL']}/course/syllabus"
    html = syllabus_html(catalog.edition(version_id), number, cast(Lang, lang), head=school.head(), address=address)
    db.session.rollback()  # no transaction stays open while the paper is set
    return pdf_process.render_once("syllabus", html, paper="letter", lang=lang, created=made_of)


def syllabus_html(edition: Edition, number: int, lang: Lang, *, head: SchoolHead, address: str) -> str:
    t = pdf_html.words(WORDS, TEMPLATE, lang)
    return pdf_html.html(
        "courses/document.html",
        e=edition,
        number=number,
        t=t,
        lang=lang,
        school=head,
        qr=pdf_html.qr(address),
        hours=hours,
        total=hours(sum(edition.minutes_by_kind.values())),
        as_of={one.id: pdf_html.day(one.as_of, t) for one in edition.statements},
    )
