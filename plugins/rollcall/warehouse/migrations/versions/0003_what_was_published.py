"""What was published: digests, figures, bands and movements of each publication; a school's line by its moments."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "school_night_version",
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("urn", sa.Integer(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rules_broken", sa.Text(), nullable=True),
        sa.Column("rows_in", sa.Integer(), server_default="0", nullable=False),
        sa.Column("marks_new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("marks_changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("marks_removed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("marks_unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("marks_unmapped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_quarantined", sa.Integer(), server_default="0", nullable=False),
        sa.Column("source_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("night", "urn", "known_at", name=op.f("school_night_version_pk")),
        schema="ops",
    )
    op.create_table(
        "published_mart",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "relation", name=op.f("published_mart_pk")),
        schema="ops",
    )
    op.create_table(
        "published_figure",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("urn", sa.Integer(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "urn", "measure", name=op.f("published_figure_pk")),
        schema="ops",
    )
    op.create_table(
        "published_band",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("academic_year", sa.Text(), nullable=False),
        sa.Column("absence_band", sa.Text(), nullable=False),
        sa.Column("from_publication", sa.Integer(), nullable=False),
        sa.Column("to_publication", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "academic_year", "from_publication", name=op.f("published_band_pk")),
        schema="ops",
    )
    op.create_index(
        "published_band_one_current",
        "published_band",
        ["person_id", "academic_year"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("to_publication is null"),
    )
    op.create_table(
        "restatement",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("urn", sa.Integer(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "urn", "measure", "cause", name=op.f("restatement_pk")),
        schema="ops",
    )
    op.add_column("publication", sa.Column("academic_year", sa.Text(), nullable=True), schema="ops")
    # the lines of earlier nights count as known from when their register came, or were written
    op.execute(
        """
        insert into ops.school_night_version (
            night, urn, known_at, status, reason_code, reason, rules_broken, rows_in, marks_new, marks_changed,
            marks_removed, marks_unchanged, marks_unmapped, rows_quarantined, source_time
        )
        select
            lines.night, lines.urn, coalesce(extract.known_at, lines.updated_at), lines.status, lines.reason_code,
            lines.reason,
            (
                select string_agg(distinct rule, ', ' order by rule)
                from ops.quarantine where quarantine.urn = lines.urn and quarantine.night = lines.night
            ),
            lines.rows_in, lines.marks_new, lines.marks_changed, lines.marks_removed, lines.marks_unchanged,
            coalesce(extract.marks_unmapped, 0), lines.rows_quarantined, lines.source_time
        from ops.school_night as lines
        left join register.extract on lines.extract_id = extract.extract_id
        """
    )


def downgrade() -> None:
    """Refused: what was published is never forgotten by a migration."""
    raise RuntimeError("What was published has no way back: restore a backup instead.")
