"""Practical checklists: sheets, signatures, countersignatures."""
