"""A migrated database for each test, a browser for each person, and a clock that tests set."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient

from lms import clock, fonts, migrate
from lms.app import create_app
from lms.config import Settings
from lms.db import db
from lms.ledger import service as ledger
from tests import factories

POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=["sqlite", "postgresql"], default="sqlite", help="where the tests' schools live"
    )
    parser.addoption("--soak", action="store_true", help="run the long fault schedules instead")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The second run, on PostgreSQL, repeats what a database has a part in; long schedules run when asked for."""
    postgresql, soak = config.getoption("--database") == "postgresql", config.getoption("--soak")

    def wanted(item: pytest.Item) -> bool:
        if (item.get_closest_marker("soak") is not None) != soak:
            return False
        stored = "database_url" in getattr(item, "fixturenames", ())
        return not postgresql or (stored and item.get_closest_marker("once") is None)

    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


CACHED = ("_login_user", "user_session", "school", "policies", "zone", "request_id", "current_enrolment")
CACHED += ("csrf_token", "csrf_valid", "ended_user_id", "_flask_babel")


class Browser(FlaskClient):
    """A browser of one person: the test's application context outlives each request, so what it cached is dropped."""

    def open(self, *args, **kwargs):
        for cached in CACHED:
            g.pop(cached, None)
        db.session.rollback()
        return super().open(*args, **kwargs)


def settings_for(folder: Path, url: str) -> Settings:
    return Settings(
        env="development",
        secret_key="only-for-tests-" + "0123456789abcdef" * 2,
        database_url=url,
        migration_database_url=url,
        redis_url=None,
        storage_url=None,
        base_url="http://localhost",
        data_dir=folder,
        smtp_url=None,
        proxy_hops=0,
    )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated, empty database that each test gets a copy of."""
    fonts.ready()
    folder = tmp_path_factory.mktemp("template")
    if request.config.getoption("--database") == "sqlite":
        url = f"sqlite:///{folder / 'template.db'}"
        migrate.upgrade(settings_for(folder, url))
        _checkpoint(folder / "template.db")
        yield url
        return
    name = f"steadyhand_template_{uuid.uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name}")
    url = sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    migrate.upgrade(settings_for(folder, url))
    yield url
    _admin(f"DROP DATABASE {name}")


def _checkpoint(path: Path) -> None:
    """Fold the write-ahead log into the file, so that a copy of the file is a copy of the database."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()


def _admin(sql: str) -> None:
    engine = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(sql)
    engine.dispose()


@pytest.fixture
def database_url(template: str, tmp_path: Path) -> Iterator[str]:
    if template.startswith("sqlite"):
        shutil.copy(template.removeprefix("sqlite:///"), tmp_path / "school.db")
        yield f"sqlite:///{tmp_path / 'school.db'}"
        return
    source, name = sa.make_url(template).database, f"steadyhand_test_{uuid.uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name} TEMPLATE {source}")
    yield sa.make_url(template).set(database=name).render_as_string(hide_password=False)
    _admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(settings_for(tmp_path, database_url), testing=True)
    app.test_client_class = Browser
    with app.app_context():
        factories.school()
        ledger.new_key()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def as_(app: Flask) -> Callable[..., FlaskClient]:
    """as_(user) is a browser in which that person has signed in; as_(None) one in which nobody has."""

    def browser(user=None) -> FlaskClient:
        client = app.test_client()
        if user is not None:
            token = factories.signed_in(user)
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = token, True
        return client

    return browser


class Clock:
    """The time as the test sets it; it stands still until moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock(clock.now().replace(microsecond=0))
    monkeypatch.setattr(clock, "now", stopped)
    return stopped


@pytest.fixture
def production(tmp_path: Path) -> Settings:
    """Settings as a real school has them."""
    return replace(
        settings_for(tmp_path, f"sqlite:///{tmp_path / 'school.db'}"),
        env="production",
        base_url="https://school.example",
    )
