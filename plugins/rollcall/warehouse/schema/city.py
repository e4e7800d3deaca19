"""Schema ``city``: what the city folder says of schools, sessions and periods."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from rollcall.warehouse.schema.base import METADATA, required, texts

SCHOOL: Final = sa.Table(
    "school",
    METADATA,
    sa.Column("urn", sa.Integer, primary_key=True, autoincrement=False),
    *texts("laestab", "name", "type", "type_group", "phase", "trust", "ward_code", "ward_name", "connector"),
    *texts("link_officer", "sold_services"),
    required("is_independent", sa.Boolean),
    required("is_synthetic", sa.Boolean),
    sa.Column("open_date", sa.Date),
    sa.Column("close_date", sa.Date),
    schema="city",
)
SCHOOL_SESSION: Final = sa.Table(
    "school_session",
    METADATA,
    required("urn", sa.Integer),
    required("session_date", sa.Date),
    required("half", sa.SmallInteger),
    required("session_no", sa.Integer),
    required("academic_year", sa.Text),
    sa.PrimaryKeyConstraint("urn", "session_date", "half"),
    sa.CheckConstraint("half in (1, 2)", name="half_is_am_or_pm"),
    schema="city",
)
PERIOD: Final = sa.Table(
    "period",
    METADATA,
    required("academic_year", sa.Text),
    required("period_type", sa.Text),
    required("period_name", sa.Text),
    required("first_day", sa.Date),
    required("last_day", sa.Date),
    sa.PrimaryKeyConstraint("academic_year", "period_type", "period_name"),
    sa.CheckConstraint("first_day <= last_day", name="runs_forward"),
    schema="city",
)
