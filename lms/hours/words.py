"""What kinds of hours are called on pages."""

from lms.hours.rules import Kind
from lms.i18n import lazy

KINDS = {
    Kind.THEORY_ONLINE: lazy("Theory, online"),
    Kind.THEORY_IN_PERSON: lazy("Theory, in class"),
    Kind.LAB: lazy("Supervised lab"),
}
