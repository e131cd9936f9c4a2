"""One figure large, and lessons as they are printed."""

import re

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from lms.access import Permission
from lms.accounts.login import current_user, requires
from lms.catalog.types import Edition, Lesson, Module
from lms.cohorts import service as cohorts
from lms.compression import compressed
from lms.courses import rules, service
from lms.courses.views.blueprint import bp, words_wanted
from lms.errors import NotFound
from lms.i18n import language

HEADING = re.compile(r"(</?h)([34])>")
LARGE = re.compile(r'href="figures/([^"]+)"')


@bp.app_template_filter("placed")
def placed(html: str, lesson: Lesson, lang: str, below: int = 2) -> Markup:
    """A published step as part of a page: its figures open from there, its headings stand below rank `below`."""

    def ranked(tag: re.Match[str]) -> str:
        return f"{tag[1]}{int(tag[2]) + below - 2}>"

    def addressed(link: re.Match[str]) -> str:
        words = None if lang == language() else lang
        at = url_for(".figure", module_id=lesson.module_id, lesson_id=lesson.id, name=link[1], words=words)
        return f'href="{at}"'

    return Markup(LARGE.sub(addressed, HEADING.sub(ranked, html)))  # noqa: S704  # nosec B704  as published


@bp.get("/learn/<module_id>/<lesson_id>/figures/<name>")
@requires(Permission.READ_COURSE)
def figure(module_id: str, lesson_id: str, name: str) -> ResponseReturnValue:
    """One figure, as large as the screen."""
    edition = service.edition_for(current_user)
    module, wanted = service.locate(edition, module_id, lesson_id)
    _require_open(edition, module)
    lang = words_wanted() or language()
    found = rules.figure(wanted, name, lang)
    if found is None:
        raise NotFound
    step_id, html = found
    page = render_template(
        "courses/figure.html",
        module=module,
        lesson=wanted,
        step=wanted.step(step_id),
        figure=html,
        lang=lang,
        words=words_wanted() or None,
        enrolled=cohorts.current_enrolment(current_user) is not None,
    )
    return compressed(page, f"words={words_wanted()}")


@bp.get("/print/<module_id>/<lesson_id>")
@requires(Permission.READ_COURSE)
def print_lesson(module_id: str, lesson_id: str) -> ResponseReturnValue:
    edition = service.edition_for(current_user)
    module, wanted = service.locate(edition, module_id, lesson_id)
    return _printed(edition, module, (wanted,))


@bp.get("/print/<module_id>")
@requires(Permission.READ_COURSE)
def print_module(module_id: str) -> ResponseReturnValue:
    edition = service.edition_for(current_user)
    module = service.module(edition, module_id)
    return _printed(edition, module, module.lessons)


def _printed(edition: Edition, module: Module, lessons: tuple[Lesson, ...]) -> ResponseReturnValue:
    """All steps of these lessons on one page."""
    _require_open(edition, module)
    page = render_template(
        "courses/print.html",
        edition=edition,
        module=module,
        lessons=lessons,
        lang=words_wanted() or language(),
        only=lessons[0] if len(lessons) == 1 else None,
    )
    return compressed(page, f"words={words_wanted()}")


def _require_open(edition: Edition, module: Module) -> None:
    """A student reads what is open to them; the office reads all. Raises RuleBroken."""
    enrolment = cohorts.current_enrolment(current_user)
    if enrolment is not None:
        service.require_open(edition, module, service.steps_done(enrolment.id))
