"""Schools that a person holds, and what a held extract would change."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("urn", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("urn", name=op.f("hold_pk")),
        schema="ops",
    )
    op.create_table(
        "release_effect",
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("urn", sa.Integer(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("value_now", sa.BigInteger(), nullable=False),
        sa.Column("value_then", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("night", "urn", "measure", name=op.f("release_effect_pk")),
        schema="ops",
    )


def downgrade() -> None:
    op.drop_table("release_effect", schema="ops")
    op.drop_table("hold", schema="ops")
