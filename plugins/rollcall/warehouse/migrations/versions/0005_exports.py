"""What left the warehouse about children: an append-only log, and names by the pseudonym of the marts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# a child has a pupil at each school, and a naming in each feed: one of them speaks, as known at the publication
CHILD = """
    create view identity.child with (security_barrier) as
    with publication as (
        select known_at from ops.publication where is_current
    ),
    pupils as (
        select distinct on (links.person_id) links.person_id, pupils.upn, pupils.surname, pupils.forename
        from publication
        inner join register.person_link as links
            on links.known_from <= publication.known_at and links.known_to > publication.known_at
        inner join identity.pupil as pupils
            on links.pupil_id = pupils.pupil_id
            and pupils.known_from <= publication.known_at
            and pupils.known_to > publication.known_at
        order by links.person_id asc, pupils.surname is null asc, pupils.upn is null asc, pupils.pupil_id desc
    ),
    namings as (
        select distinct on (links.person_id) links.person_id, namings.upn, namings.surname, namings.forename
        from publication
        inner join city.child_link as links
            on links.known_from <= publication.known_at and links.known_to > publication.known_at
        inner join identity.council_child as namings
            on links.council_child_id = namings.council_child_id and namings.known_from <= publication.known_at
        order by links.person_id asc, namings.surname is null asc, namings.upn is null asc, namings.naming_id desc
    )
    select
        coalesce(pupils.person_id, namings.person_id) as person_id,
        coalesce(pupils.upn, namings.upn) as upn,
        coalesce(pupils.surname, namings.surname) as surname,
        coalesce(pupils.forename, namings.forename) as forename
    from pupils
    full outer join namings on pupils.person_id = namings.person_id
"""
REFUSAL = """
    create function ops.refuse_change() returns trigger language plpgsql as $$
    begin
        raise exception 'ops.% is append-only', tg_table_name using errcode = 'insufficient_privilege';
    end
    $$
"""


def upgrade() -> None:
    op.create_table(
        "export_log",
        sa.Column("export_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("exported_by", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("has_names", sa.Boolean(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "not has_names or coalesce(length(why), 0) > 0", name=op.f("export_log_names_need_a_reason_ck")
        ),
        sa.PrimaryKeyConstraint("export_id", name=op.f("export_log_pk")),
        schema="ops",
    )
    op.execute(REFUSAL)
    op.execute(
        "create trigger export_log_is_append_only before update or delete or truncate on ops.export_log"
        " for each statement execute function ops.refuse_change()"
    )
    op.execute(CHILD)


def downgrade() -> None:
    op.execute("drop view identity.child")
    op.drop_table("export_log", schema="ops")
    op.execute("drop function ops.refuse_change")
