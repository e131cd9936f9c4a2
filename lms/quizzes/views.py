from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import audit
from lms.access import Permission, allows
from lms.accounts.login import current_user, requires
from lms.catalog import service as catalog
from lms.cohorts import service as cohorts
from lms.cohorts.models import Enrolment
from lms.courses import service as courses
from lms.db import db
from lms.errors import NotFound
from lms.i18n import _, clock_time, language
from lms.idempotency import done, once
from lms.quizzes import grading, service, words
from lms.quizzes.forms import AnswerForm, ReleaseForm, StartForm, SubmitForm
from lms.quizzes.rules import ReleaseReason
from lms.quizzes.service import Closed, NotAnAnswer, Sitting
from lms.quizzes.types import Question
from lms.school import service as school

bp = Blueprint("quizzes", __name__)
bp.add_app_template_global(service.standings, "quiz_standings")


def _enrolment() -> Enrolment:
    enrolment = cohorts.current_enrolment(current_user)
    if enrolment is None:
        raise NotFound
    return enrolment


@bp.get("/quizzes/<module_id>")
@requires(Permission.LEARN)
def show(module_id: str) -> ResponseReturnValue:
    enrolment = _enrolment()
    module = service.module_of(catalog.edition(enrolment.course_version_id), module_id)
    state = service.standing(enrolment, module_id)
    why = None if state.open_attempt_id else service.refusal(enrolment, module_id, state)
    return render_template(
        "quizzes/show.html",
        module=module,
        standing=state,
        needed=grading.needed(module.quiz.draw, module.quiz.pass_percent),
        wait=school.policy("quiz_wait_minutes"),
        refusal=why,
        sentence=words.refusal(why) if why else "",
        form=StartForm(act=("start-quiz", enrolment.id, module_id, state.used)),
        lang=language(),
    )


@bp.post("/quizzes/<module_id>/start")
@requires(Permission.LEARN)
@once
def start(module_id: str) -> ResponseReturnValue:
    enrolment_id = _enrolment().id
    with db.write():
        attempt = service.start(enrolment_id, module_id, by=current_user.id)
        return done(url_for(".item", attempt_id=attempt.id, number=1))


@bp.get("/attempts/<int:attempt_id>")
@requires(Permission.LEARN)
def resume(attempt_id: int) -> ResponseReturnValue:
    """To the first question without an answer, on whatever device; to the check or the result where there is none."""
    held = service.sitting(attempt_id, for_=current_user)
    if held.attempt.submitted_at is not None:
        return redirect(url_for(".result", attempt_id=attempt_id))
    if not held.open_numbers:
        return redirect(url_for(".check", attempt_id=attempt_id))
    return redirect(url_for(".item", attempt_id=attempt_id, number=held.open_numbers[0]))


@bp.get("/attempts/<int:attempt_id>/<int:number>")
@requires(Permission.LEARN)
def item(attempt_id: int, number: int) -> ResponseReturnValue:
    held, question = _question(attempt_id, number)
    if held.attempt.submitted_at is not None:
        return redirect(url_for(".result", attempt_id=attempt_id))
    return _item_page(held, question, AnswerForm(), held.answers.get(question.item_id, []))


@bp.post("/attempts/<int:attempt_id>/<int:number>")
@requires(Permission.LEARN)
def answer(attempt_id: int, number: int) -> ResponseReturnValue:
    """Save the answer and go where the button says; js/answer.js sends each change and asks for JSON."""
    held, question = _question(attempt_id, number)
    form, by_script = AnswerForm(), request.headers.get("X-Requested-With") == "fetch"
    given = form.answer.data or []
    try:
        if any(given) or by_script or question.item_id in held.answers:
            row = service.save(attempt_id, question.item_id, given, by=current_user.id)
            if by_script:
                return {"saved": clock_time(row.saved_at), "receipt": row.receipt}
    except (NotAnAnswer, Closed) as refused:
        if by_script:
            return {"problem": str(refused)}, 409 if isinstance(refused, Closed) else 422
        held, question = _question(attempt_id, number)
        if isinstance(refused, Closed):
            return render_template("quizzes/closed.html", held=held, told=question.told(given), why=str(refused)), 409
        form.answer.refuse(str(refused))
        return _item_page(held, question, form, given)
    return redirect(_onward(attempt_id, number, len(held.questions)), 303)


def _question(attempt_id: int, number: int) -> tuple[Sitting, Question]:
    held = service.sitting(attempt_id, for_=current_user)
    if not 1 <= number <= len(held.questions):
        raise NotFound
    return held, held.questions[number - 1]


def _onward(attempt_id: int, number: int, total: int) -> str:
    """Where the button leads: back, next, or the check of all answers."""
    go = request.form.get("go", "next")
    wanted = {"back": max(1, number - 1), "next": number + 1}.get(go, total + 1)
    if wanted > total:
        return url_for(".check", attempt_id=attempt_id)
    return url_for(".item", attempt_id=attempt_id, number=wanted)


def _item_page(held: Sitting, question: Question, form: AnswerForm, given: list[str]) -> ResponseReturnValue:
    page = render_template(
        "quizzes/item.html",
        held=held,
        question=question,
        total=len(held.questions),
        form=form,
        given=given,
        saved=held.saved.get(question.item_id),
        lang=language(),
    )
    return page, 422 if form.answer.errors else 200


@bp.get("/attempts/<int:attempt_id>/check")
@requires(Permission.LEARN)
def check(attempt_id: int) -> ResponseReturnValue:
    held = service.sitting(attempt_id, for_=current_user)
    if held.attempt.submitted_at is not None:
        return redirect(url_for(".result", attempt_id=attempt_id))
    return render_template(
        "quizzes/check.html",
        held=held,
        form=SubmitForm(act=("submit-quiz", attempt_id, held.attempt.version)),
        lang=language(),
    )


@bp.post("/attempts/<int:attempt_id>/submit")
@requires(Permission.LEARN)
@once
def submit(attempt_id: int) -> ResponseReturnValue:
    before = service.get(attempt_id, for_=current_user).submitted_at
    with db.write():
        service.submit(attempt_id, by=current_user.id)
        return done(url_for(".result", attempt_id=attempt_id), _("This quiz was handed in before.") if before else None)


@bp.get("/attempts/<int:attempt_id>/result")
@requires(Permission.LEARN)
def result(attempt_id: int) -> ResponseReturnValue:
    if service.get(attempt_id, for_=current_user).submitted_at is None:
        return redirect(url_for(".resume", attempt_id=attempt_id))
    found = service.result(attempt_id, for_=current_user)
    enrolment = found.sitting.attempt.enrolment
    return render_template(
        "quizzes/result.html",
        result=found,
        held=found.sitting,
        feedback=found.feedback,
        sentence=words.refusal(found.refusal) if found.refusal else "",
        place=courses.next_step(enrolment) if found.standing.passed else None,
        form=StartForm(act=("start-quiz", enrolment.id, found.sitting.module.id, found.standing.used)),
        lang=language(),
    )


# ---- what staff see and release ---------------------------------------------------------------------------------
@bp.get("/enrolments/<int:enrolment_id>/quizzes")
@requires(Permission.SEE_COHORTS)
def of_student(enrolment_id: int) -> ResponseReturnValue:
    """Every try of one student, for the instructors of the cohort and the office."""
    cohorts.enrolment(enrolment_id, for_=current_user)
    audit.record("record.viewed", by=current_user.id, subject=("enrolment", enrolment_id))
    row = cohorts.enrolment(enrolment_id, for_=current_user)
    return render_template(
        "quizzes/of_student.html",
        enrolment=row,
        modules=service.history(row),
        may_release=allows(current_user.role, Permission.RELEASE_ATTEMPTS),
        reasons=words.RELEASE_REASONS,
    )


@bp.route("/enrolments/<int:enrolment_id>/quizzes/<module_id>/release", methods=["GET", "POST"])
@requires(Permission.RELEASE_ATTEMPTS)
@once
def release(enrolment_id: int, module_id: str) -> ResponseReturnValue:
    row = cohorts.enrolment(enrolment_id, for_=current_user)
    one = service.history_of(row, module_id)
    form = ReleaseForm(act=("release-attempt", enrolment_id, module_id, one.standing.used))
    if form.validate_on_submit():
        with db.write():
            service.release(enrolment_id, module_id, reason=ReleaseReason(form.reason.data), by=current_user.id)
            return done(url_for(".of_student", enrolment_id=enrolment_id), _("The student can start one more try."))
    if one.unreleased:
        flash(str(words.UNRELEASED[one.unreleased]), "wait")
        return redirect(url_for(".of_student", enrolment_id=enrolment_id), 303)
    return render_template("quizzes/release.html", form=form, enrolment=row, one=one), 422 if form.errors else 200
