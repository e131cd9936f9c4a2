"""Put the application together: wiring only."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy.pool import QueuePool
from werkzeug.middleware.proxy_fix import ProxyFix

from lms import error_pages, fonts, forms, headers, health, i18n, jobs, logs, static_files
from lms.access import Permission
from lms.accounts import login
from lms.accounts.views import bp as accounts_bp
from lms.catalog.views import bp as catalog_bp
from lms.certificates.views import bp as certificates_bp
from lms.cohorts.views import bp as cohorts_bp
from lms.config import Settings, from_environment, migrations_path
from lms.courses.views import bp as courses_bp
from lms.db import db
from lms.errors import NotFound
from lms.home.navigation import navigation
from lms.home.views import bp as home_bp
from lms.hours.views import bp as hours_bp
from lms.ids import IdConverter
from lms.ledger.views import bp as ledger_bp
from lms.practicals.views import bp as practicals_bp
from lms.quizzes.views import bp as quizzes_bp
from lms.school import service as school_service
from lms.school.views import bp as school_bp

BLUEPRINTS = (
    accounts_bp,
    catalog_bp,
    certificates_bp,
    cohorts_bp,
    courses_bp,
    health.bp,
    home_bp,
    hours_bp,
    ledger_bp,
    practicals_bp,
    quizzes_bp,
    school_bp,
)
MEGABYTE = 1024 * 1024


def create_app(settings: Settings | None = None, *, testing: bool = False) -> Flask:
    settings = settings or from_environment()
    app = Flask(__name__, static_folder=None)
    app.config.update(_flask_config(settings), TESTING=testing)
    app.url_map.converters["int"] = IdConverter
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    health.init_app(app, base_url=settings.base_url)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    Migrate(app, db, directory=str(migrations_path()), render_as_batch=True)
    CSRFProtect(app)
    logs.init_app(app)
    headers.init_app(app, https=settings.https)
    login.init_app(app)
    i18n.init_app(app)
    if not testing:  # tests share the fonts that development has
        fonts.use(settings.data_dir / "cache" / "fonts")
    static_files.init_app(app, fonts=fonts.folder())
    jobs.init_app(app)
    forms.init_app(app)
    error_pages.init_app(app)
    for bp in BLUEPRINTS:
        app.register_blueprint(bp)
    app.context_processor(_school)
    app.add_url_rule("/", "root", root)
    app.jinja_env.globals.update(navigation=navigation)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    prefix = "__Host-" if settings.https else ""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "poolclass": QueuePool,
            "pool_pre_ping": not settings.sqlite,
            "hide_parameters": True,  # what people typed stays out of error messages, and so out of the log
        },
        "DATA_DIR": settings.data_dir,
        "STORAGE_DIR": _storage(settings),
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "BASE_URL": settings.base_url,
        "MAIL_FROM": f"school@{settings.base_url.split('//')[-1].split(':')[0]}",
        "MAX_CONTENT_LENGTH": 2 * MEGABYTE,
        "SESSION_COOKIE_NAME": f"{prefix}steadyhand",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": login.STUDENT_LONGEST,
        "WTF_CSRF_TIME_LIMIT": None,
        "TRUSTED_HOSTS": [urlsplit(settings.base_url).hostname or ""] if settings.production else None,
        "WTF_CSRF_SSL_STRICT": True,
    }


def _storage(settings: Settings) -> Path:
    if settings.storage_url:
        return Path(urlsplit(settings.storage_url).path)
    return settings.data_dir / "files"


def root() -> ResponseReturnValue:
    return redirect("/home" if current_user.is_authenticated else "/login")


root.permission = Permission.PUBLIC  # type: ignore[attr-defined]


def _school() -> dict[str, object]:
    """Every template knows the school; before it is set up there is none."""
    try:
        return {"school": school_service.current()}
    except NotFound:
        return {"school": None}
