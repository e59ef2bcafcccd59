"""Run by Alembic: applies the migrations to the connection from `storage.database.schema`."""

from alembic import context

import storage.migrations.partial_indexes  # noqa: F401 - it adds its indexes to those of the tables
from storage.database.schema import is_ours
from storage.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_name=context.config.attributes.get("include_name", is_ours),
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
