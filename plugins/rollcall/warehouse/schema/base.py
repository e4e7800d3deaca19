"""What every table has in common: the metadata, how constraints are named, and the two times of a version."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    }
)
SCHEMAS: Final = ("city", "register", "identity", "ops")
MOMENT: Final = sa.DateTime(timezone=True)


def required(name: str, kind: Any, **more: Any) -> sa.Column[Any]:
    """A column that is never null."""
    return sa.Column(name, kind, nullable=False, **more)


def texts(*names: str) -> list[sa.Column[Any]]:
    """Text columns by name."""
    return [sa.Column(name, sa.Text) for name in names]


def versioned(name: str, key: list[str], columns: list[sa.Column[Any]], schema: str = "register") -> sa.Table:
    """A table of versions: unique (key, known_from), one current version per key, known_from before known_to."""
    version = [
        required("known_from", MOMENT),
        required("known_to", MOMENT, server_default=sa.text("'infinity'")),
        required("is_current", sa.Boolean, server_default=sa.true()),
        required("extract_id", sa.Integer),
    ]
    return sa.Table(
        name,
        METADATA,
        *columns,
        *version,
        sa.PrimaryKeyConstraint(*key, "known_from"),
        sa.CheckConstraint("known_from < known_to", name="knowledge_runs_forward"),
        sa.CheckConstraint("is_current = (known_to = 'infinity')", name="current_means_open"),
        sa.Index(f"{name}_one_current_version", *key, unique=True, postgresql_where=sa.text("is_current")),
        schema=schema,
    )
