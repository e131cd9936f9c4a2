"""Alembic's entry: the connection comes from lms/migrate.py, or from the command line in development."""

from alembic import context
from sqlalchemy import create_engine

import lms.app  # noqa: F401  every model is known once the application is
from lms.config import from_environment
from lms.db import Base, Instant


def render_item(kind, value, autogen):
    if kind == "type" and isinstance(value, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def migrate(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        transaction_per_migration=False,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(from_environment().migration_database_url).begin() as opened:
        migrate(opened)
