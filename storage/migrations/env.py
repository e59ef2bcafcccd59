"""Run by Alembic: applies the migrations to the connection that `storage.database.schema` hands over."""

from alembic import context

import storage.telling.tables  # noqa: F401 - it adds its tables to those of Base
from storage.database.schema import is_ours
from storage.database.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=is_ours,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
