"""Schema ``ops``: how each night went, what was set aside, what balances, what is published."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from rollcall.warehouse.schema.base import METADATA, MOMENT, required, texts

SCHOOL_NIGHT: Final = sa.Table(
    "school_night",
    METADATA,
    required("night", sa.Date),
    required("urn", sa.Integer),
    required("status", sa.Text),
    *texts("reason_code", "reason", "next_action"),
    sa.Column("extract_id", sa.Integer),
    *[
        required(name, sa.Integer, server_default="0")
        for name in ("rows_in", "marks_new", "marks_changed", "marks_removed", "marks_unchanged", "rows_quarantined")
    ],
    sa.Column("source_time", MOMENT),
    required("updated_at", MOMENT, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("night", "urn"),
    sa.CheckConstraint(
        "status in ('in', 'late', 'silent', 'held', 'failed', 'superseded', 'unset')", name="status_is_known"
    ),
    schema="ops",
)
SCHOOL_NIGHT_VERSION: Final = sa.Table(
    "school_night_version",
    METADATA,
    required("night", sa.Date),
    required("urn", sa.Integer),
    required("known_at", MOMENT),
    required("status", sa.Text),
    *texts("reason_code", "reason", "rules_broken"),
    *[
        required(name, sa.Integer, server_default="0")
        for name in (
            "rows_in", "marks_new", "marks_changed", "marks_removed", "marks_unchanged", "marks_unmapped",
            "rows_quarantined",
        )
    ],
    sa.Column("source_time", MOMENT),
    sa.PrimaryKeyConstraint("night", "urn", "known_at"),
    schema="ops",
)  # fmt: skip
"""A school's line as it was known at each moment: the marts read it, so that any night can be rebuilt."""
QUARANTINE_ROW: Final = sa.Table(
    "quarantine",
    METADATA,
    sa.Column("quarantine_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    required("extract_hash", sa.Text, index=True),
    # empty where the row came by a feed of the council
    sa.Column("urn", sa.Integer),
    required("night", sa.Date),
    *texts("file"),
    sa.Column("line", sa.Integer),
    required("entity", sa.Text),
    required("rule", sa.Text),
    required("reason", sa.Text),
    schema="ops",
)
RECON: Final = sa.Table(
    "recon",
    METADATA,
    required("night", sa.Date),
    required("urn", sa.Integer),
    required("hop", sa.Text),
    required("metric", sa.Text),
    sa.Column("left_value", sa.Numeric),
    sa.Column("right_value", sa.Numeric),
    required("is_ok", sa.Boolean),
    sa.PrimaryKeyConstraint("night", "urn", "hop", "metric"),
    schema="ops",
)
PUBLICATION: Final = sa.Table(
    "publication",
    METADATA,
    sa.Column("publication_id", sa.Integer, sa.Identity(always=True), primary_key=True),
    required("night", sa.Date),
    required("known_at", MOMENT),
    required("published_at", MOMENT),
    required("is_current", sa.Boolean),
    required("code_version", sa.Text),
    required("figures", JSONB),
    sa.Column("academic_year", sa.Text),
    sa.Index("publication_one_current", "is_current", unique=True, postgresql_where=sa.text("is_current")),
    schema="ops",
)
PUBLISHED_MART: Final = sa.Table(
    "published_mart",
    METADATA,
    required("publication_id", sa.Integer),
    required("relation", sa.Text),
    required("rows", sa.BigInteger),
    required("digest", sa.Numeric),
    sa.PrimaryKeyConstraint("publication_id", "relation"),
    schema="ops",
)
"""What each published mart held, as a digest of its rows: a later rebuild must give the same."""
PUBLISHED_FIGURE: Final = sa.Table(
    "published_figure",
    METADATA,
    required("publication_id", sa.Integer),
    required("urn", sa.Integer),
    required("measure", sa.Text),
    required("value", sa.BigInteger),
    sa.PrimaryKeyConstraint("publication_id", "urn", "measure"),
    schema="ops",
)
"""Each school's counts of the year to date, as published: what the next publication's movement is measured from."""
PUBLISHED_BAND: Final = sa.Table(
    "published_band",
    METADATA,
    required("person_id", sa.Integer),
    required("academic_year", sa.Text),
    required("absence_band", sa.Text),
    required("from_publication", sa.Integer),
    sa.Column("to_publication", sa.Integer),
    sa.PrimaryKeyConstraint("person_id", "academic_year", "from_publication"),
    sa.Index(
        "published_band_one_current",
        "person_id",
        "academic_year",
        unique=True,
        postgresql_where=sa.text("to_publication is null"),
    ),
    schema="ops",
)
"""Each child's band of absence from one publication to another; a row only where the band changed."""
RESTATEMENT: Final = sa.Table(
    "restatement",
    METADATA,
    required("publication_id", sa.Integer),
    required("urn", sa.Integer),
    required("measure", sa.Text),
    required("cause", sa.Text),
    required("change", sa.BigInteger),
    sa.PrimaryKeyConstraint("publication_id", "urn", "measure", "cause"),
    schema="ops",
)
"""What moved each school's figures since the publication before, by cause; the causes add up to the movement."""
HOLD: Final = sa.Table(
    "hold",
    METADATA,
    sa.Column("urn", sa.Integer, primary_key=True, autoincrement=False),
    required("since", MOMENT, server_default=sa.func.now()),
    required("reason", sa.Text),
    schema="ops",
)
"""Schools that a person holds: what they send is landed and validated, and waits."""
RELEASE_EFFECT: Final = sa.Table(
    "release_effect",
    METADATA,
    required("night", sa.Date),
    required("urn", sa.Integer),
    required("measure", sa.Text),
    required("value_now", sa.BigInteger),
    required("value_then", sa.BigInteger),
    sa.PrimaryKeyConstraint("night", "urn", "measure"),
    schema="ops",
)
"""What the release of a night's held extract would make of the school's figures: tried once, and undone."""
RELEASE_MEASURES: Final = {
    "on_roll": "pupils on roll",
    "sessions_possible": "possible sessions, year to date",
    "sessions_absent": "absent sessions, year to date",
    "enrolments": "enrolments with a possible session",
    "persistent": "of them persistently absent",
    "severe": "of them severely absent",
}
"""The measures of ``release_effect``, in their order, as a person reads them."""
EXPORT_LOG: Final = sa.Table(
    "export_log",
    METADATA,
    sa.Column("export_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    required("exported_at", MOMENT, server_default=sa.func.now()),
    required("exported_by", sa.Text),
    required("audience", sa.Text),
    sa.Column("why", sa.Text),
    required("pack", sa.Text),
    required("scope", sa.Text),
    required("night", sa.Date),
    required("known_at", MOMENT),
    required("rows", sa.Integer),
    required("has_names", sa.Boolean),
    required("files", sa.Text),
    sa.CheckConstraint("not has_names or coalesce(length(why), 0) > 0", name="names_need_a_reason"),
    schema="ops",
)
"""Every pack that left the warehouse: who took it, for whom, why, how many rows; a trigger refuses every change."""
