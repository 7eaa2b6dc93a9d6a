"""Schema versions, run by alembic through `xiaobao.store.opening`."""
