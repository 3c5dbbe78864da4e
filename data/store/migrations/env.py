"""Run by Alembic on the connection, and in the transaction, of ``data/store/database.py``."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
