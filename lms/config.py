"""Settings from the environment. Production is the default, and refuses to start where it would be unsafe."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from lms.errors import UnsafeConfiguration

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
WEAK_KEYS = {"", "secret", "dev", "development", "changeme", "change-me", "test", "steadyhand"}


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides. `lms doctor` explains each variable."""

    env: str
    secret_key: str
    database_url: str
    migration_database_url: str
    redis_url: str | None
    storage_url: str | None
    base_url: str
    data_dir: Path
    smtp_url: str | None
    proxy_hops: int

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


VARIABLES = {
    "LMS_ENV": "production (the default) or development, which listens on this machine only",
    "LMS_SECRET_KEY": "at least 32 random characters; signs cookies and links",  # nosec B105
    "DATABASE_URL": "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME; the default is a file in LMS_DATA_DIR",
    "LMS_MIGRATION_DATABASE_URL": "the owner's connection for migrations, where the server's own may not change tables",
    "REDIS_URL": "carries job ids where set; a file in LMS_DATA_DIR does otherwise",
    "LMS_STORAGE_URL": "file:///PATH of the files folder; the default is LMS_DATA_DIR/files",
    "LMS_BASE_URL": "the address people type, as in https://school.example; links in mails and QR codes begin with it",
    "LMS_DATA_DIR": "the folder of the database, files, keys and caches; the default is ./var",
    "SMTP_URL": "smtp://USER:PASSWORD@HOST:PORT or smtps://…; without it mails are written to the log",
    "LMS_PROXY_HOPS": "how many proxies of your own stand before the server; 0 trusts none",
}


def environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What `.env` in the working folder says, and over it the environment."""
    written = {name: value or "" for name, value in dotenv_values(Path.cwd() / ".env").items()}
    return {**written, **(os.environ if environ is None else environ)}


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises UnsafeConfiguration with one sentence a problem."""
    env = environment(environ)
    data_dir = Path(env.get("LMS_DATA_DIR") or Path.cwd() / "var").resolve()
    name = env.get("LMS_ENV") or "production"
    database = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'steadyhand.db'}"
    settings = Settings(
        env=name,
        secret_key=env.get("LMS_SECRET_KEY") or (_local_key(data_dir) if name == "development" else ""),
        database_url=database,
        migration_database_url=env.get("LMS_MIGRATION_DATABASE_URL") or database,
        redis_url=env.get("REDIS_URL") or None,
        storage_url=env.get("LMS_STORAGE_URL") or None,
        base_url=(env.get("LMS_BASE_URL") or ("http://localhost:8000" if name == "development" else "")).rstrip("/"),
        data_dir=data_dir,
        smtp_url=env.get("SMTP_URL") or None,
        proxy_hops=_number(env.get("LMS_PROXY_HOPS") or "0"),
    )
    problems = list(_problems(settings))
    if settings.production and env.get("FLASK_DEBUG", "0").lower() not in ("", "0", "false", "no"):
        problems.append("FLASK_DEBUG is set: a school that people use runs without it.")
    if problems:
        raise UnsafeConfiguration(problems)
    return settings


def _number(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _problems(settings: Settings):
    if settings.env not in ("production", "development"):
        yield f"LMS_ENV is “{settings.env}”: set it to production or development."
    if settings.proxy_hops < 0:
        yield "LMS_PROXY_HOPS must be a whole number, 0 or more."
    if settings.production:
        yield from _unsafe(settings)


def _unsafe(settings: Settings):
    key = settings.secret_key
    if key.lower() in WEAK_KEYS or len(key) < 32 or len(set(key)) < 8:
        yield "LMS_SECRET_KEY is missing, short or guessable: set at least 32 random characters."
    host = urlsplit(settings.base_url).hostname
    if not host:
        yield "LMS_BASE_URL is missing: set the address people type, as in https://school.example."
    elif not settings.https and host not in ("localhost", "127.0.0.1"):
        yield "LMS_BASE_URL must begin with https:// so that cookies are sent over encrypted lines only."


def _local_key(data_dir: Path) -> str:
    """Development makes its own key once, readable by its owner only."""
    path = data_dir / "secret-key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass  # another process was faster
    return path.read_text()


def content_path() -> Path:
    """The shipped course: beside the package in a checkout, inside it in a wheel."""
    inside = PACKAGE / "_content"
    return (inside if inside.exists() else CHECKOUT / "content") / "pt-aide-massage"


def migrations_path() -> Path:
    inside = PACKAGE / "_migrations"
    return inside if inside.exists() else CHECKOUT / "migrations"
