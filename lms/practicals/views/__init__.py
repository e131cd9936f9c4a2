"""The pages of practicals: skills of a student or cohort, the grading sheet, signing, the signed record."""

from lms.practicals.views import checklists, lists, records, sheets, signing
from lms.practicals.views.blueprint import bp

__all__ = ["bp", "checklists", "lists", "records", "sheets", "signing"]
