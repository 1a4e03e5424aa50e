"""Alembic's way in: it migrates the connection that `engage.migrations` hands over, in the caller's transaction."""

from alembic import context

from engage.models import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
context.run_migrations()
