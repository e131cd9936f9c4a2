from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from lms.access import Permission, Role
from lms.accounts.login import current_user, requires
from lms.certificates.eligibility import Group, Standing
from lms.certificates.words import GROUPS, STANDINGS, sentence
from lms.errors import NotFound
from lms.home import service
from lms.home.samples import SampleForm, qr_sample
from lms.home.words import card
from lms.i18n import language
from lms.school import service as school

bp = Blueprint("home", __name__)


@bp.get("/home")
@requires(Permission.OWN_ACCOUNT)
def show() -> ResponseReturnValue:
    if current_user.role is Role.STUDENT:
        return _student()
    if current_user.role is Role.INSTRUCTOR:
        home = service.instructor(current_user)
        return render_template("home/instructor.html", home=home, today=school.today(), lang=language())
    home = service.office(current_user)
    return render_template("home/office.html", home=home, standings=STANDINGS, Standing=Standing)


def _student() -> ResponseReturnValue:
    home = service.student(current_user)
    if home is None:
        return render_template("home/no_cohort.html")
    cards = [card(thing, home) for thing in home.things]
    return render_template(
        "home/student.html",
        home=home,
        next=cards[0],
        waiting=cards[1:6],
        groups=GROUPS,
        Group=Group,
        sentence=sentence,
        lang=language(),
    )


@bp.get("/styleguide")
@requires(Permission.PUBLIC)
def styleguide() -> ResponseReturnValue:
    """Every component, light beside dark; in development only."""
    if current_app.config["SETTINGS"].production:
        raise NotFound
    return render_template("styleguide.html", sample=SampleForm.sample, qr_sample=qr_sample())
