"""Run migrations on the connection that `schema.upgrade` hands over, inside the transaction it has begun."""

from alembic import context
from sqlmodel import SQLModel

from d2l_sync.store import service_tables, tables  # noqa: F401 - importing them is what fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
