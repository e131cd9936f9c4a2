"""The reader of lessons: what there is to learn, a step at a time, and signs of life."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.access import Permission
from lms.accounts.login import current_user, requires
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.compression import compressed
from lms.courses import rules, service
from lms.courses.forms import NextForm
from lms.courses.rules import Place
from lms.courses.views.blueprint import bp, words_wanted
from lms.db import db
from lms.errors import NotFound
from lms.i18n import language


def _here() -> tuple[Enrolment, Edition]:
    enrolment = cohorts.current_enrolment(current_user)
    if enrolment is None:
        raise NotFound
    return enrolment, catalog.edition(enrolment.course_version_id)


@bp.get("/learn")
@requires(Permission.LEARN)
def index() -> ResponseReturnValue:
    enrolment = cohorts.current_enrolment(current_user)
    if enrolment is None:
        return render_template("courses/none.html")
    edition, done = catalog.edition(enrolment.course_version_id), service.steps_done(enrolment.id)
    return render_template(
        "courses/index.html",
        edition=edition,
        enrolment=enrolment,
        lang=language(),
        place=service.next_step(enrolment, done),
        progress={m.id: rules.module_progress(m, done) for m in edition.modules},
        left={lesson.id: rules.steps_left(lesson, done) for m in edition.modules for lesson in m.lessons},
        waiting={m.id: rules.waits_for(m, edition, done) for m in edition.modules},
    )


@bp.get("/learn/<module_id>/<lesson_id>")
@requires(Permission.LEARN)
def lesson(module_id: str, lesson_id: str) -> ResponseReturnValue:
    """To the first step that is not done yet, else to the first."""
    enrolment, edition = _here()
    _module, wanted = service.locate(edition, module_id, lesson_id)
    done = service.steps_done(enrolment.id)
    first = next((step for step in wanted.steps if (wanted.id, step.id) not in done), wanted.steps[0])
    return redirect(url_for(".step", module_id=module_id, lesson_id=lesson_id, step_id=first.id), 302)


@bp.get("/learn/<module_id>/<lesson_id>/<step_id>")
@requires(Permission.LEARN)
def step(module_id: str, lesson_id: str, step_id: str) -> ResponseReturnValue:
    enrolment, edition = _here()
    module, wanted = service.locate(edition, module_id, lesson_id)
    place = Place(module_id, lesson_id, step_id)
    if not rules.is_place(edition, place):
        raise NotFound
    done = service.steps_done(enrolment.id)
    service.require_open(edition, module, done)
    number = next(n for n, s in enumerate(wanted.steps, 1) if s.id == step_id)
    page = render_template(
        "courses/step.html",
        module=module,
        lesson=wanted,
        step=wanted.step(step_id),
        number=number,
        done={s for lesson_id_, s in done if lesson_id_ == lesson_id},
        minutes=max(1, round(wanted.total_minutes / len(wanted.steps))),
        back=rules.preceding(edition, place),
        onward=rules.following(edition, place),
        edition=edition,
        lang=language(),
        shown=words_wanted(),
        form=NextForm(),
    )
    return compressed(page, f"words={words_wanted()}")


@bp.post("/learn/<module_id>/<lesson_id>/<step_id>")
@requires(Permission.LEARN)
def go_on(module_id: str, lesson_id: str, step_id: str) -> ResponseReturnValue:
    """Next: the step is recorded as done, once; asking again only moves on."""
    enrolment, _edition = _here()
    with db.write():
        onward = service.pass_step(enrolment.id, Place(module_id, lesson_id, step_id), by=current_user.id)
    if onward is None:
        return redirect(url_for("quizzes.show", module_id=module_id), 303)
    return redirect(
        url_for(".step", module_id=onward.module_id, lesson_id=onward.lesson_id, step_id=onward.step_id), 303
    )


@bp.post("/learn/<module_id>/<lesson_id>/activity")
@requires(Permission.LEARN)
def activity(module_id: str, lesson_id: str) -> ResponseReturnValue:
    enrolment, _edition = _here()
    service.beat(enrolment.id, module_id, lesson_id, by=current_user.id)
    return "", 204
