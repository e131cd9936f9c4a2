import pytest
from flask import Flask

from lms.accounts.models import User
from lms.cohorts.models import Enrolment
from tests import factories
from tests.quizzes import factories as quiz


@pytest.fixture
def student(app: Flask) -> User:
    return factories.user()


@pytest.fixture
def enrolment(student: User) -> Enrolment:
    """A student who has read the first module."""
    row = quiz.enrolment(student)
    quiz.read(row, "M01")
    return row
