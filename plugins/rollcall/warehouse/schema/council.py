"""The council's own tables: what its feeds say, as versions, by surrogate keys; who was named stands in ``identity``.

A *naming* is how a feed wrote a child: numbers, or names and birth date. It is written once. Namings of one child share a
``council_child_id``, and a versioned link says which person that is, by which evidence.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from rollcall.council.feeds import FEEDS, Column, Feed
from rollcall.warehouse.schema.base import METADATA, MOMENT, required, texts, versioned

_KINDS: Final[dict[str, Any]] = {
    "date": sa.Date,
    "yes_no": sa.Boolean,
    "whole": sa.SmallInteger,
    "school": sa.Integer,
    "urn": sa.Integer,
    "parent": sa.Integer,
}


def _column(feed: Feed, column: Column) -> sa.Column[Any]:
    return sa.Column(
        column.stored,
        _KINDS.get(column.kind, sa.Text),
        nullable=not (column.needed or column.stored in feed.key),
    )


def _table(feed: Feed) -> sa.Table:
    columns = [_column(feed, column) for column in feed.columns]
    if feed.child != "none":
        columns.insert(0, sa.Column("council_child_id", sa.Integer, nullable=feed.child == "optional"))
    return versioned(feed.table, list(feed.key), columns, schema="city")


FEED_TABLES: Final = {name: _table(feed) for name, feed in FEEDS.items()}
CHILD_LINK: Final = versioned(
    "child_link",
    ["council_child_id"],
    [
        required("council_child_id", sa.Integer),
        required("person_id", sa.Integer),
        required("method", sa.Text),
        required("confidence", sa.SmallInteger),
        sa.Column("birth_month", sa.Date),
    ],
    schema="city",
)
sa.Index("child_link_by_person", CHILD_LINK.c.person_id, postgresql_where=sa.text("is_current"))
COUNCIL_CHILD: Final = sa.Table(
    "council_child",
    METADATA,
    sa.Column("naming_id", sa.Integer, sa.Identity(always=True), primary_key=True),
    required("council_child_id", sa.Integer, index=True),
    *texts("la_child_id", "upn", "former_upn", "surname", "forename"),
    sa.Column("date_of_birth", sa.Date),
    required("known_from", MOMENT),
    required("extract_id", sa.Integer),
    sa.UniqueConstraint(
        "la_child_id",
        "upn",
        "former_upn",
        "surname",
        "forename",
        "date_of_birth",
        postgresql_nulls_not_distinct=True,
        name="council_child_one_naming",
    ),
    schema="identity",
)
sa.Index("council_child_by_birth", COUNCIL_CHILD.c.date_of_birth)
sa.Index("council_child_by_upn", COUNCIL_CHILD.c.upn)
COUNCIL_PARENT: Final = sa.Table(
    "council_parent",
    METADATA,
    sa.Column("parent_key", sa.Text, primary_key=True),
    required("parent_id", sa.Integer, unique=True),
    schema="identity",
)
FEED_EXTRACT: Final = sa.Table(
    "feed_extract",
    METADATA,
    sa.Column("extract_id", sa.Integer, sa.Identity(always=True), primary_key=True),
    required("extract_hash", sa.Text, unique=True),
    required("feed", sa.Text, index=True),
    required("mode", sa.Text),
    required("source_time", MOMENT),
    *texts("source_path", "fingerprint"),
    required("night", sa.Date),
    required("known_at", MOMENT),
    required("verdict", sa.Text),
    sa.Column("reason", sa.Text),
    *[
        required(name, sa.Integer, server_default="0")
        for name in (
            "rows_in",
            "rows_new",
            "rows_changed",
            "rows_removed",
            "rows_unchanged",
            "rows_repeated",
            "rows_quarantined",
        )
    ],
    sa.Column("control", JSONB),
    *texts("parser_version", "suite_version", "landed_uri"),
    required("loaded_at", MOMENT, server_default=sa.func.now()),
    sa.CheckConstraint("verdict in ('loaded', 'held', 'superseded', 'refused')", name="verdict_is_known"),
    schema="city",
)
FEED_NIGHT: Final = sa.Table(
    "feed_night",
    METADATA,
    required("night", sa.Date),
    required("feed", sa.Text),
    required("status", sa.Text),
    *texts("reason_code", "reason", "next_action"),
    sa.Column("extract_id", sa.Integer),
    *[
        required(name, sa.Integer, server_default="0")
        for name in ("rows_in", "rows_new", "rows_changed", "rows_removed", "rows_unchanged", "rows_quarantined")
    ],
    sa.Column("source_time", MOMENT),
    required("updated_at", MOMENT, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("night", "feed"),
    sa.CheckConstraint(
        "status in ('in', 'current', 'missing', 'held', 'failed', 'superseded', 'unset')", name="status_is_known"
    ),
    schema="ops",
)
