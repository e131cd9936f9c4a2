"""What kinds of hours are called on pages."""

from collections.abc import Mapping

from lms.hours.models import ClockEntry
from lms.hours.rules import Kind
from lms.i18n import _, lazy

KINDS = {
    Kind.THEORY_ONLINE: lazy("Theory, online"),
    Kind.THEORY_IN_PERSON: lazy("Theory, in class"),
    Kind.LAB: lazy("Supervised lab"),
    Kind.FINAL_PRACTICAL: lazy("Final practical"),
}


def told(entry: ClockEntry, names: Mapping[int, str]) -> str:
    """Who proposed the entry and who decided it: plainly where it was the same person."""
    proposer, decision = names[entry.proposed_by_id], entry.decision
    if decision is None:
        return _("Proposed by %(name)s", name=proposer)
    if decision.decided_by_id == entry.proposed_by_id:
        if decision.approved:
            return _("Proposed and approved by %(name)s", name=proposer)
        return _("Proposed and rejected by %(name)s", name=proposer)
    other = names[decision.decided_by_id]
    if decision.approved:
        return _("Proposed by %(name)s, approved by %(other)s", name=proposer, other=other)
    return _("Proposed by %(name)s, rejected by %(other)s", name=proposer, other=other)
