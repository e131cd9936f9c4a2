"""Cohorts with dates and instructors, and each person's enrolment."""
