"""What production refuses to start with, and what development makes for itself."""

import secrets
import stat

import pytest

from lms import config
from lms.config import VARIABLES, from_environment
from lms.errors import UnsafeConfiguration

KEY = secrets.token_hex(32)
GOOD = {"LMS_ENV": "production", "LMS_SECRET_KEY": KEY, "LMS_BASE_URL": "https://school.example"}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def problems(**changes: str) -> list[str]:
    with pytest.raises(UnsafeConfiguration) as refused:
        from_environment({**GOOD, **changes})
    return refused.value.problems


def test_a_whole_configuration_is_taken():
    settings = from_environment(GOOD)
    assert settings.production
    assert settings.https
    assert settings.sqlite


@pytest.mark.parametrize("key", ["", "secret", "changeme", "short", "a" * 64, "ab" * 32, "0123456" * 2])
def test_production_refuses_a_missing_short_or_guessable_key(key):
    assert any("LMS_SECRET_KEY" in line for line in problems(LMS_SECRET_KEY=key))


@pytest.mark.parametrize("address", ["", "http://school.example", "school.example", "ftp://school.example"])
def test_production_refuses_to_send_cookies_in_the_open(address):
    assert any("LMS_BASE_URL" in line for line in problems(LMS_BASE_URL=address))


@pytest.mark.parametrize("hops", ["-1", "one", "1.5"])
def test_proxies_are_counted(hops):
    assert any("LMS_PROXY_HOPS" in line for line in problems(LMS_PROXY_HOPS=hops))


def test_production_refuses_debug():
    assert any("FLASK_DEBUG" in line for line in problems(FLASK_DEBUG="1"))


def test_a_misspelt_environment_is_not_taken_for_development():
    assert any("LMS_ENV" in line for line in problems(LMS_ENV="devlopment"))


def test_nothing_said_means_production():
    with pytest.raises(UnsafeConfiguration):
        from_environment({"LMS_DATA_DIR": "var"})


def test_all_problems_are_told_at_once():
    assert len(problems(LMS_SECRET_KEY="", LMS_BASE_URL="", LMS_PROXY_HOPS="x")) == 3


def test_development_makes_its_key_once_for_its_owner_alone(tmp_path):
    first = from_environment({"LMS_ENV": "development", "LMS_DATA_DIR": str(tmp_path)})
    again = from_environment({"LMS_ENV": "development", "LMS_DATA_DIR": str(tmp_path)})
    assert len(first.secret_key) == 64
    assert first.secret_key == again.secret_key
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / ".env").write_text("LMS_BASE_URL=https://file.example\nSMTP_URL=smtp://mail.example\n")
    settings = from_environment(GOOD)
    assert settings.base_url == "https://school.example"
    assert settings.smtp_url == "smtp://mail.example"


def test_every_variable_is_in_the_example_file():
    example = (config.CHECKOUT / ".env.example").read_text()
    assert [name for name in VARIABLES if name not in example] == []


def test_secure_cookies_on_https(production):
    from lms.app import create_app

    made = create_app(production, testing=True).config
    assert made["SESSION_COOKIE_SECURE"]
    assert made["SESSION_COOKIE_HTTPONLY"]
    assert made["SESSION_COOKIE_NAME"].startswith("__Host-")
