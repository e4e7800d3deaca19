"""Schema ``register``: the ledger of extracts, and versions of pupils, enrolments, statuses, person links and marks."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from rollcall.warehouse.schema.base import METADATA, MOMENT, required, texts, versioned

EXTRACT: Final = sa.Table(
    "extract",
    METADATA,
    sa.Column("extract_id", sa.Integer, sa.Identity(always=True), primary_key=True),
    required("extract_hash", sa.Text, unique=True),
    required("urn", sa.Integer, index=True),
    *texts("connector", "pupils_mode", "marks_mode"),
    sa.Column("scope_from", sa.Date),
    sa.Column("scope_to", sa.Date),
    required("is_complete", sa.Boolean),
    required("source_time", MOMENT),
    *texts("source_path", "fingerprint"),
    required("night", sa.Date),
    required("known_at", MOMENT),
    required("verdict", sa.Text),
    sa.Column("reason", sa.Text),
    *[
        required(name, sa.Integer, server_default="0")
        for name in (
            "pupils_in",
            "marks_in",
            "marks_new",
            "marks_changed",
            "marks_removed",
            "marks_unchanged",
            "marks_repeated",
            "marks_unmapped",
            "rows_quarantined",
        )
    ],
    sa.Column("control", JSONB),
    *texts("parser_version", "suite_version", "landed_uri", "roll_digest"),
    required("loaded_at", MOMENT, server_default=sa.func.now()),
    sa.CheckConstraint("verdict in ('loaded', 'held', 'superseded')", name="verdict_is_known"),
    schema="register",
)
PUPIL: Final = versioned(
    "pupil",
    ["pupil_id"],
    [
        required("pupil_id", sa.Integer),
        required("urn", sa.Integer),
        sa.Column("sex", sa.Text),
        sa.Column("birth_month", sa.Date),
        *texts("ethnicity", "first_language"),
    ],
)
PUPIL_STATUS: Final = versioned(
    "pupil_status",
    ["pupil_id", "attribute"],
    [
        required("pupil_id", sa.Integer),
        required("attribute", sa.Text),
        required("value", sa.Text),
        required("effective_from", sa.Date),
    ],
)
ENROLMENT: Final = versioned(
    "enrolment",
    ["enrolment_id"],
    [
        required("enrolment_id", sa.Integer),
        required("pupil_id", sa.Integer),
        required("urn", sa.Integer),
        required("entry_date", sa.Date),
        sa.Column("leaving_date", sa.Date),
        *texts("leaving_reason", "removal_ground", "destination"),
        sa.Column("destination_urn", sa.Integer),
        required("enrolment_status", sa.Text),
        sa.Column("is_boarder", sa.Boolean),
        *texts("nc_year", "registration_group"),
    ],
)
PERSON_LINK: Final = versioned(
    "person_link",
    ["pupil_id"],
    [
        required("pupil_id", sa.Integer),
        required("person_id", sa.Integer),
        required("method", sa.Text),
        required("confidence", sa.SmallInteger),
    ],
)
MARK: Final = sa.Table(
    "mark",
    METADATA,
    # the wide columns first: no padding in seventeen million rows a year
    required("known_from", MOMENT),
    required("known_to", MOMENT, server_default=sa.text("'infinity'")),
    required("enrolment_id", sa.Integer),
    required("session_date", sa.Date),
    required("extract_id", sa.Integer),
    required("half", sa.SmallInteger),
    sa.Column("minutes_late", sa.SmallInteger),
    required("is_current", sa.Boolean, server_default=sa.true()),
    sa.Column("code", sa.Text),
    sa.Column("raw_code", sa.Text),
    sa.CheckConstraint("known_from < known_to", name="knowledge_runs_forward"),
    sa.CheckConstraint("is_current = (known_to = 'infinity')", name="current_means_open"),
    sa.CheckConstraint("half in (1, 2)", name="half_is_am_or_pm"),
    schema="register",
    postgresql_partition_by="RANGE (session_date)",
)
TOUCHED_WEEK: Final = sa.Table(
    "touched_week",
    METADATA,
    required("extract_id", sa.Integer),
    required("enrolment_id", sa.Integer),
    required("week_start", sa.Date),
    sa.PrimaryKeyConstraint("extract_id", "enrolment_id", "week_start"),
    schema="register",
)
