"""Run by alembic inside the transaction that `Store.open` has begun."""

from alembic import context

from signcore.store_tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
