import pytest

from lms.access import Role
from lms.accounts.models import User
from lms.cohorts.models import Cohort
from tests import factories
from tests.certificates import factories as make


@pytest.fixture
def admin(app) -> User:
    return factories.user(Role.ADMIN)


@pytest.fixture
def cohort(app) -> Cohort:
    """A cohort of a school that may issue."""
    make.school_can_issue()
    return make.cohort()
