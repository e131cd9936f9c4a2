"""What the course says beside its lessons: evidence, scope, words, sources, syllabus.

For who teaches it also the plans of its classes, its questions with their keys, and what covers what.
"""

import re
from itertools import zip_longest

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.access import Permission, allows
from lms.accounts.login import current_user, requires
from lms.catalog.coverage import all_items, matrix
from lms.catalog.text import Text
from lms.catalog.types import Edition, Module, Session
from lms.cohorts import service as cohorts
from lms.compression import compressed
from lms.courses import rules, service
from lms.courses import syllabus as paper
from lms.courses.views.blueprint import bp
from lms.errors import NotFound
from lms.i18n import language

PLANNED = re.compile(r"\d+\. +(?:\(?(?P<minutes>\d+) min\)?\.? +)?(?P<text>.+)")  # 1. (10 min) …, 1. 10 min. …


@bp.get("/course")
@requires(Permission.READ_COURSE)
def about() -> ResponseReturnValue:
    """The way to everything the course says; the office reads lessons from here."""
    edition, enrolment = service.edition_for(current_user), cohorts.current_enrolment(current_user)
    done = service.steps_done(enrolment.id) if enrolment else set()
    return render_template(
        "courses/about.html",
        edition=edition,
        waiting={m.id: enrolment is not None and rules.waits_for(m, edition, done) for m in edition.modules},
        may_review=allows(current_user.role, Permission.REVIEW_COURSE),
        lang=language(),
    )


@bp.get("/course/evidence")
@requires(Permission.READ_COURSE)
def evidence() -> ResponseReturnValue:
    return render_template(
        "courses/evidence.html",
        edition=service.edition_for(current_user),
        enrolled=cohorts.current_enrolment(current_user) is not None,
        printed=printed_at,
        lang=language(),
    )


@bp.get("/course/scope")
@requires(Permission.READ_COURSE)
def scope() -> ResponseReturnValue:
    return render_template("courses/scope.html", edition=service.edition_for(current_user), lang=language())


@bp.get("/course/syllabus")
@requires(Permission.READ_COURSE)
def syllabus() -> ResponseReturnValue:
    edition = service.edition_for(current_user)
    return compressed(render_template("courses/syllabus.html", edition=edition, lang=language()))


@bp.get("/COURSE/SYLLABUS")
@requires(Permission.READ_COURSE)
def from_paper() -> ResponseReturnValue:
    """As the QR code of the paper spells it."""
    return redirect(url_for(".syllabus"))


@bp.get("/course/syllabus.pdf")
@requires(Permission.READ_COURSE)
def syllabus_pdf() -> ResponseReturnValue:
    data = paper.pdf(service.version_id_for(current_user), language())
    named = {"Content-Disposition": 'inline; filename="syllabus.pdf"'}
    return Response(data, mimetype="application/pdf", headers=named)


@bp.get("/course/coverage")
@requires(Permission.REVIEW_COURSE)
def coverage() -> ResponseReturnValue:
    """Each objective and checklist step, the lessons that teach it and the questions that test it."""
    edition = service.edition_for(current_user)
    parts = matrix(edition)
    page = render_template(
        "courses/coverage.html",
        parts=parts,
        holes=sum(part.holes for part in parts),
        bank={item.id: module.id for module in edition.modules for item in all_items(module)},
        taught_at=taught_at,
        lang=language(),
    )
    return compressed(page)


def printed_at(module_id: str, lesson_id: str, step_id: str = "") -> str:
    """The address of a lesson, or of a step of it, on paper: what who is not enrolled reads."""
    there = f"{lesson_id}-{step_id}" if step_id else None
    return url_for(".print_lesson", module_id=module_id, lesson_id=lesson_id, _anchor=there)


def taught_at(part_id: str, place: str) -> str:
    """The address of a place of the matrix: “lesson” of the part, or “module/lesson#step”."""
    module_id, _, link = place.rpartition("/")
    lesson_id, _, step_id = link.partition("#")
    return printed_at(module_id or part_id, lesson_id, step_id)


@bp.get("/course/classes")
@requires(Permission.REVIEW_COURSE)
def classes() -> ResponseReturnValue:
    return render_template("courses/classes.html", edition=service.edition_for(current_user), lang=language())


@bp.get("/course/classes/<session_id>")
@requires(Permission.REVIEW_COURSE)
def class_plan(session_id: str) -> ResponseReturnValue:
    """What an instructor takes into the room."""
    edition = service.edition_for(current_user)
    module, session = _class(edition, session_id)
    return render_template(
        "courses/class.html",
        edition=edition,
        module=module,
        session=session,
        plan=planned(session.plan),
        lang=language(),
    )


def _class(edition: Edition, session_id: str) -> tuple[Module, Session]:
    for module in edition.modules:
        for session in module.sessions:
            if session.id == session_id:
                return module, session
    raise NotFound


def planned(plan: Text) -> list[tuple[int, Text]]:
    """The lines of a plan without their numbers, each with its minutes; 0 where a line names none."""
    pairs = zip_longest(*(PLANNED.finditer(plan.get(lang)) for lang in ("en", "es")))
    return [
        (int((en or es)["minutes"] or 0), Text(en["text"] if en else "", es["text"] if es else "")) for en, es in pairs
    ]


@bp.get("/course/bank/<module_id>")
@requires(Permission.REVIEW_COURSE)
def bank(module_id: str) -> ResponseReturnValue:
    """Every question of a module with its key."""
    edition = service.edition_for(current_user)
    module = service.module(edition, module_id)
    page = render_template(
        "courses/bank.html",
        edition=edition,
        module=module,
        maps=sorted({item.figure for item in all_items(module) if item.figure}),
        printed=printed_at,
        lang=language(),
    )
    return compressed(page)


@bp.get("/glossary")
@requires(Permission.READ_COURSE)
def glossary() -> ResponseReturnValue:
    edition, lang = service.edition_for(current_user), language()
    terms = sorted(edition.glossary.values(), key=lambda term: term.term.get(lang).casefold())
    return compressed(render_template("courses/glossary.html", terms=terms, lang=lang))


@bp.get("/references")
@requires(Permission.READ_COURSE)
def references() -> ResponseReturnValue:
    edition = service.edition_for(current_user)
    rows = sorted(edition.references.values(), key=lambda reference: reference.text.casefold())
    return compressed(render_template("courses/references.html", references=rows))
