"""What the course says beside its lessons: evidence, scope, words, sources, syllabus, and what covers what."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from lms.access import Permission, allows
from lms.accounts.login import current_user, requires
from lms.catalog.coverage import matrix
from lms.cohorts import service as cohorts
from lms.compression import compressed
from lms.courses import service
from lms.courses import syllabus as paper
from lms.courses.views.blueprint import bp
from lms.i18n import language


@bp.get("/course")
@requires(Permission.READ_COURSE)
def about() -> ResponseReturnValue:
    """The way to everything the course says; the office reads lessons from here."""
    return render_template(
        "courses/about.html",
        edition=service.edition_for(current_user),
        enrolled=cohorts.current_enrolment(current_user) is not None,
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
    parts = matrix(service.edition_for(current_user))
    return render_template(
        "courses/coverage.html", parts=parts, holes=sum(part.holes for part in parts), lang=language()
    )


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
