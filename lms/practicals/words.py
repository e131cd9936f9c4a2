"""What marks, ratings, verdicts and signatures are called on pages and papers."""

from lms.catalog.types import Edition
from lms.i18n import _, language, lazy, ngettext
from lms.practicals.rules import Mark, Opening, State, Verdict

VERDICTS = {
    Verdict.DEMONSTRATED: lazy("Demonstrated in school lab under supervision"),
    Verdict.NOT_YET: lazy("Not yet"),
}
MARKS = {
    Mark.INDEPENDENT: lazy("On their own"),
    Mark.PROMPTED: lazy("Prompted"),
    Mark.NOT_YET: lazy("Not yet"),
    Mark.NOT_APPLICABLE: lazy("Does not apply"),
}
RATINGS = {
    1: lazy("Unsafe"),
    2: lazy("Needs close help"),
    3: lazy("Safe under supervision"),
    4: lazy("Smooth, adapts"),
    5: lazy("Could demonstrate it"),
}
STATES = {
    State.SIGNED: lazy("Signed"),
    State.HALF: lazy("Waiting for a countersign"),
    State.NOT_YET: lazy("Not yet"),
    State.NONE: lazy("Not tried"),
    State.LOCK: lazy("Not tried"),
}
OBSERVED, CORRECTED, RECEIVED, DECLINED = "observed", "corrected", "received", "declined"
MEANINGS = {  # the sentence that is shown and signed; its key and its text go into the record
    OBSERVED: lazy("I observed this student in person, and these marks are my own judgment."),
    CORRECTED: lazy(
        "I observed this student in person. This sheet corrects my earlier one, and these marks are my own judgment."
    ),
    RECEIVED: lazy("I received this feedback. My signature does not mean that I agree."),
    DECLINED: lazy("I read this sheet and do not countersign it. My reasons are in my own words."),
}
PROOFS = {
    "password": lazy("Password, at that moment"),
    "password_and_code": lazy("Password and code, at that moment"),
    "session": lazy("Signed in"),
}


def closed_because(opening: Opening, edition: Edition) -> str:
    """Why no sheet may be opened now, and what opens it."""
    lang = language()
    if opening.shown:
        return _("This skill is signed already.")
    if opening.modules:
        titles = ", ".join(edition.module(one).title.get(lang) for one in opening.modules)
        return _("Opens when the quiz is passed: %(titles)s.", titles=titles)
    if opening.skills:
        titles = ", ".join(edition.skill(one).title.get(lang) for one in opening.skills)
        return _("Opens when this is signed: %(titles)s.", titles=titles)
    return ngettext(
        "The one try is used. The school decides what comes next.",
        "All %(num)s tries are used. The school decides what comes next.",
        opening.allowed,
    )
