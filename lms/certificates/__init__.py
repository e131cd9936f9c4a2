"""Eligibility, issue, the PDF, verification, revocation."""
