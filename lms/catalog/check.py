"""Checks a source course: each problem with its place and remedy; one broken file never hides another."""

from datetime import date

from lms.catalog.checks.course import check_course
from lms.catalog.checks.coverage import check_coverage
from lms.catalog.checks.cues import check_cues
from lms.catalog.checks.index import index
from lms.catalog.checks.lessons import check_lessons
from lms.catalog.checks.prose import check_prose
from lms.catalog.checks.quizzes import check_quizzes
from lms.catalog.checks.skills import check_skills
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.source import SourceCourse


def check(source: SourceCourse, today: date | None = None) -> tuple[Problem, ...]:
    """All problems, by file and line; errors among them keep the course from being published.

    Given today's date, days that are still to come are doubtful.
    """
    found = index(source)
    problems = {
        *source.problems,
        *check_course(source, found, today),
        *check_lessons(source, found),
        *check_quizzes(source, found),
        *check_coverage(source, found),
        *check_cues(source),
        *check_prose(source),
        *check_skills(source, found),
    }
    return tuple(sorted(problems))


def errors(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if not problem.warning)
