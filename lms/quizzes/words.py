"""What the pages say about answers that are none and tries that may not start."""

from lms import clock
from lms.i18n import _, clock_time, in_zone, language, lazy, long_date, ngettext
from lms.quizzes.grading import Problem
from lms.quizzes.rules import Reason, Refusal, ReleaseReason, Unreleased

PROBLEMS = {
    Problem.NOT_A_NUMBER: lazy("Write one number in digits, such as 18, 2.5 or 1,000, without the unit."),
    Problem.NOT_AN_OPTION: lazy("This answer does not belong to this question. Choose one that is shown."),
    Problem.ONE_ONLY: lazy("This question takes one answer. Choose one."),
}
RELEASE_REASONS = {
    ReleaseReason.REVIEWED: lazy("We reviewed the module together"),
    ReleaseReason.TECHNICAL: lazy("Technical problem"),
    ReleaseReason.OTHER: lazy("Other"),
}
UNRELEASED = {
    Unreleased.PASSED: lazy("The student has passed this quiz and needs no further try."),
    Unreleased.NOT_ACTIVE: lazy("The enrollment is not active, so no try can be released."),
    Unreleased.RUNNING: lazy("A try is under way. Wait until it is handed in."),
    Unreleased.RELEASED: lazy("A further try is released already, and the student has not started it yet."),
    Unreleased.LEFT: lazy("The student has tries left, so none needs to be released."),
}


def refusal(why: Refusal) -> str:
    """The sentence that says what opens the quiz."""
    return {
        Reason.NOT_ACTIVE: _not_active,
        Reason.PASSED: _passed,
        Reason.LESSONS: _lessons,
        Reason.QUIZZES: _quizzes,
        Reason.NONE_LEFT: _none_left,
        Reason.WAIT: _wait,
    }[why.reason](why)


def _not_active(_why: Refusal) -> str:
    return _("Your enrollment is not active, so no new try can start. Ask the school to make it active again.")


def _passed(_why: Refusal) -> str:
    return _("You have passed this quiz. There is nothing more to do here.")


def _lessons(why: Refusal) -> str:
    return ngettext(
        "The quiz opens when you have read the lessons of this module: %(num)s of %(total)s is left.",
        "The quiz opens when you have read the lessons of this module: %(num)s of %(total)s are left.",
        why.left,
        total=why.total,
    )


def _quizzes(why: Refusal) -> str:
    titles = ", ".join(module.title.get(language()) for module in why.modules)
    return _("The quiz opens when you have passed the quiz of: %(titles)s.", titles=titles)


def _none_left(why: Refusal) -> str:
    return ngettext(
        "You have used your %(num)s try. Your instructor can release a further try.",
        "You have used all %(num)s tries. Your instructor can release a further try.",
        why.total,
    )


def _wait(why: Refusal) -> str:
    until = why.until or clock.now()
    if in_zone(until).date() == in_zone(clock.now()).date():
        return _("Your next try opens at %(time)s.", time=clock_time(until))
    return _("Your next try opens on %(day)s at %(time)s.", day=long_date(until), time=clock_time(until))
