"""Schema ``identity``: names, UPNs and addresses, for one role only."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from rollcall.warehouse.schema.base import required, texts, versioned

IDENTITY_PUPIL: Final = versioned(
    "pupil",
    ["pupil_id"],
    [
        required("pupil_id", sa.Integer),
        required("urn", sa.Integer),
        required("source_pupil_id", sa.Text),
        *texts("upn", "former_upn", "surname", "forename"),
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
