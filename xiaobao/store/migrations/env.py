"""Run by alembic: our own connection and transaction, handed over by `xiaobao.store.opening`."""

from alembic import context

from xiaobao.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
