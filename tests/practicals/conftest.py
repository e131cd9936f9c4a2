import pytest
from flask import Flask

from tests.practicals import factories
from tests.practicals.factories import Lab


@pytest.fixture
def lab(app: Flask) -> Lab:
    return factories.lab()
