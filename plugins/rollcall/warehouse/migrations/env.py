"""Alembic's environment: runs each migration as the schemas' owner."""

from typing import Any

import sqlalchemy as sa
from alembic import context

from rollcall.warehouse.schema import METADATA, SCHEMAS

engine = sa.create_engine(context.config.attributes["dsn"])


def _ours(name: str | None, kind: Any, parents: Any) -> bool:
    """Compare our schemas only, and leave the partitions of marks to ``partitions.py``."""
    if kind == "schema":
        return name in SCHEMAS
    return not (kind == "table" and str(name).startswith("mark_"))


with engine.connect() as connection:
    connection.execute(sa.text("set role rollcall_owner"))
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        include_schemas=True,
        include_name=_ours,
        version_table_schema="ops",
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
