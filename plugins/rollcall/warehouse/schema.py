"""The loader-owned schemas as SQLAlchemy metadata: ``city``, ``register``, ``identity`` and ``ops``.

Every versioned table has two times: what the row is about, and when we knew it (``known_from``, ``known_to``, which is
``infinity`` while the version is current). A version is closed, never overwritten.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

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


def _required(name: str, kind: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **more)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


def _versioned(name: str, key: list[str], columns: list[sa.Column[Any]], schema: str = "register") -> sa.Table:
    """A table of versions: unique (key, known_from), one current version per key, known_from before known_to."""
    version = [
        _required("known_from", MOMENT),
        _required("known_to", MOMENT, server_default=sa.text("'infinity'")),
        _required("is_current", sa.Boolean, server_default=sa.true()),
        _required("extract_id", sa.Integer),
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


SCHOOL: Final = sa.Table(
    "school",
    METADATA,
    sa.Column("urn", sa.Integer, primary_key=True, autoincrement=False),
    *_texts("laestab", "name", "type", "type_group", "phase", "trust", "ward_code", "ward_name", "connector"),
    *_texts("link_officer", "sold_services"),
    _required("is_independent", sa.Boolean),
    _required("is_synthetic", sa.Boolean),
    sa.Column("open_date", sa.Date),
    sa.Column("close_date", sa.Date),
    schema="city",
)
SCHOOL_SESSION: Final = sa.Table(
    "school_session",
    METADATA,
    _required("urn", sa.Integer),
    _required("session_date", sa.Date),
    _required("half", sa.SmallInteger),
    _required("session_no", sa.Integer),
    _required("academic_year", sa.Text),
    sa.PrimaryKeyConstraint("urn", "session_date", "half"),
    sa.CheckConstraint("half in (1, 2)", name="half_is_am_or_pm"),
    schema="city",
)
PERIOD: Final = sa.Table(
    "period",
    METADATA,
    _required("academic_year", sa.Text),
    _required("period_type", sa.Text),
    _required("period_name", sa.Text),
    _required("first_day", sa.Date),
    _required("last_day", sa.Date),
    sa.PrimaryKeyConstraint("academic_year", "period_type", "period_name"),
    sa.CheckConstraint("first_day <= last_day", name="runs_forward"),
    schema="city",
)

EXTRACT: Final = sa.Table(
    "extract",
    METADATA,
    sa.Column("extract_id", sa.Integer, sa.Identity(always=True), primary_key=True),
    _required("extract_hash", sa.Text, unique=True),
    _required("urn", sa.Integer, index=True),
    *_texts("connector", "pupils_mode", "marks_mode"),
    sa.Column("scope_from", sa.Date),
    sa.Column("scope_to", sa.Date),
    _required("is_complete", sa.Boolean),
    _required("source_time", MOMENT),
    *_texts("source_path", "fingerprint"),
    _required("night", sa.Date),
    _required("known_at", MOMENT),
    _required("verdict", sa.Text),
    sa.Column("reason", sa.Text),
    *[
        _required(name, sa.Integer, server_default="0")
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
    *_texts("parser_version", "suite_version", "landed_uri", "roll_digest"),
    _required("loaded_at", MOMENT, server_default=sa.func.now()),
    sa.CheckConstraint("verdict in ('loaded', 'held', 'superseded')", name="verdict_is_known"),
    schema="register",
)
PUPIL: Final = _versioned(
    "pupil",
    ["pupil_id"],
    [
        _required("pupil_id", sa.Integer),
        _required("urn", sa.Integer),
        sa.Column("sex", sa.Text),
        sa.Column("birth_month", sa.Date),
        *_texts("ethnicity", "first_language"),
    ],
)
PUPIL_STATUS: Final = _versioned(
    "pupil_status",
    ["pupil_id", "attribute"],
    [
        _required("pupil_id", sa.Integer),
        _required("attribute", sa.Text),
        _required("value", sa.Text),
        _required("effective_from", sa.Date),
    ],
)
ENROLMENT: Final = _versioned(
    "enrolment",
    ["enrolment_id"],
    [
        _required("enrolment_id", sa.Integer),
        _required("pupil_id", sa.Integer),
        _required("urn", sa.Integer),
        _required("entry_date", sa.Date),
        sa.Column("leaving_date", sa.Date),
        *_texts("leaving_reason", "removal_ground", "destination"),
        sa.Column("destination_urn", sa.Integer),
        _required("enrolment_status", sa.Text),
        sa.Column("is_boarder", sa.Boolean),
        *_texts("nc_year", "registration_group"),
    ],
)
PERSON_LINK: Final = _versioned(
    "person_link",
    ["pupil_id"],
    [
        _required("pupil_id", sa.Integer),
        _required("person_id", sa.Integer),
        _required("method", sa.Text),
        _required("confidence", sa.SmallInteger),
    ],
)
MARK: Final = sa.Table(
    "mark",
    METADATA,
    # the wide columns first: no padding in seventeen million rows a year
    _required("known_from", MOMENT),
    _required("known_to", MOMENT, server_default=sa.text("'infinity'")),
    _required("enrolment_id", sa.Integer),
    _required("session_date", sa.Date),
    _required("extract_id", sa.Integer),
    _required("half", sa.SmallInteger),
    sa.Column("minutes_late", sa.SmallInteger),
    _required("is_current", sa.Boolean, server_default=sa.true()),
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
    _required("extract_id", sa.Integer),
    _required("enrolment_id", sa.Integer),
    _required("week_start", sa.Date),
    sa.PrimaryKeyConstraint("extract_id", "enrolment_id", "week_start"),
    schema="register",
)

IDENTITY_PUPIL: Final = _versioned(
    "pupil",
    ["pupil_id"],
    [
        _required("pupil_id", sa.Integer),
        _required("urn", sa.Integer),
        _required("source_pupil_id", sa.Text),
        *_texts("upn", "former_upn", "surname", "forename"),
        sa.Column("date_of_birth", sa.Date),
        sa.Column("postcode", sa.Text),
    ],
    schema="identity",
)
sa.Index(
    "pupil_one_id_per_school_key",
    IDENTITY_PUPIL.c.urn,
    IDENTITY_PUPIL.c.source_pupil_id,
    unique=True,
    postgresql_where=sa.text("is_current"),
)
sa.Index("pupil_by_birth", IDENTITY_PUPIL.c.date_of_birth, postgresql_where=sa.text("is_current"))
sa.Index("pupil_by_upn", IDENTITY_PUPIL.c.upn, postgresql_where=sa.text("is_current"))

SCHOOL_NIGHT: Final = sa.Table(
    "school_night",
    METADATA,
    _required("night", sa.Date),
    _required("urn", sa.Integer),
    _required("status", sa.Text),
    *_texts("reason_code", "reason", "next_action"),
    sa.Column("extract_id", sa.Integer),
    *[
        _required(name, sa.Integer, server_default="0")
        for name in ("rows_in", "marks_new", "marks_changed", "marks_removed", "marks_unchanged", "rows_quarantined")
    ],
    sa.Column("source_time", MOMENT),
    _required("updated_at", MOMENT, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("night", "urn"),
    sa.CheckConstraint(
        "status in ('in', 'late', 'silent', 'held', 'failed', 'superseded', 'unset')", name="status_is_known"
    ),
    schema="ops",
)
QUARANTINE_ROW: Final = sa.Table(
    "quarantine",
    METADATA,
    sa.Column("quarantine_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _required("extract_hash", sa.Text, index=True),
    _required("urn", sa.Integer),
    _required("night", sa.Date),
    *_texts("file"),
    sa.Column("line", sa.Integer),
    _required("entity", sa.Text),
    _required("rule", sa.Text),
    _required("reason", sa.Text),
    schema="ops",
)
RECON: Final = sa.Table(
    "recon",
    METADATA,
    _required("night", sa.Date),
    _required("urn", sa.Integer),
    _required("hop", sa.Text),
    _required("metric", sa.Text),
    sa.Column("left_value", sa.Numeric),
    sa.Column("right_value", sa.Numeric),
    _required("is_ok", sa.Boolean),
    sa.PrimaryKeyConstraint("night", "urn", "hop", "metric"),
    schema="ops",
)
PUBLICATION: Final = sa.Table(
    "publication",
    METADATA,
    sa.Column("publication_id", sa.Integer, sa.Identity(always=True), primary_key=True),
    _required("night", sa.Date),
    _required("known_at", MOMENT),
    _required("published_at", MOMENT),
    _required("is_current", sa.Boolean),
    _required("code_version", sa.Text),
    _required("figures", JSONB),
    sa.Index("publication_one_current", "is_current", unique=True, postgresql_where=sa.text("is_current")),
    schema="ops",
)
RUN: Final = sa.Table(
    "run",
    METADATA,
    sa.Column("run_id", sa.Integer, sa.Identity(always=True), primary_key=True),
    _required("night", sa.Date),
    _required("known_at", MOMENT),
    _required("stage", sa.Text),
    _required("started_at", MOMENT),
    sa.Column("ended_at", MOMENT),
    sa.Column("is_ok", sa.Boolean),
    sa.Column("note", sa.Text),
    schema="ops",
)

SEQUENCES: Final = ("register.pupil_id_seq", "register.enrolment_id_seq", "register.person_id_seq")
"""Surrogate keys are drawn from these: they say nothing of the child or the school."""
