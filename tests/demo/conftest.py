"""The demo school, made once: making it takes seconds, and what looks at it changes nothing."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.app import create_app
from lms.config import Settings
from lms.db import db
from lms.demo import service
from tests.conftest import Browser, _admin, settings_for


@pytest.fixture(scope="session")
def made(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("demo")
    settings = settings_for(folder, _copy(template, folder))
    app = create_app(settings, testing=True)
    with app.app_context():
        assert service.ensure()
        db.session.remove()
        db.engine.dispose()
    yield settings
    if not settings.sqlite:
        _admin(f"DROP DATABASE {sa.make_url(settings.database_url).database} WITH (FORCE)")


def _copy(template: str, folder: Path) -> str:
    if template.startswith("sqlite"):
        shutil.copy(template.removeprefix("sqlite:///"), folder / "school.db")
        return f"sqlite:///{folder / 'school.db'}"
    url, name = sa.make_url(template), f"steadyhand_demo_{uuid.uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name} TEMPLATE {url.database}")
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def demo(made: Settings) -> Iterator[Flask]:
    app = create_app(made, testing=True)
    app.test_client_class = Browser
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database holds no school."""
    app = create_app(settings_for(tmp_path, database_url), testing=True)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
