"""The child across schools: links each school's pupil to a person, with the method and confidence of the link.

Methods, best first: ``upn`` (same UPN, 100), ``former_upn`` (one school's UPN is the other's former one, 95),
``name_birth`` (same legal names and birth date, one candidate only, and no two different UPNs, 80), ``new``.
Children that the council's feeds named before any register did are found by the same evidence.
A link is a version like any other: a mistaken one is closed and history follows.
"""

from __future__ import annotations

from typing import Final

from psycopg import sql

from rollcall.load.versions import Knowledge, apply_versions
from rollcall.warehouse.connect import Connection

_CANDIDATES: Final = """
    create temp table stage_link on commit drop as
    with
    pupils as (
        select stage_pupil.*, link.person_id as linked_to, link.method as linked_by
        from stage_pupil
        left join register.person_link as link on stage_pupil.pupil_id = link.pupil_id and link.is_current
    ),

    unsettled as (
        select * from pupils where linked_to is null or linked_by in ('new', 'name_birth')
    ),

    others as (
        select identity_pupil.*, link.person_id
        from identity.pupil as identity_pupil
        inner join register.person_link as link on identity_pupil.pupil_id = link.pupil_id and link.is_current
        where identity_pupil.is_current
    ),

    -- children whom so far the council alone knows, and everybody's numbers as the council gave them
    council as (
        select council_child.*, link.person_id,
            not exists (
                select 1 from register.person_link as pupil_link
                where pupil_link.is_current and pupil_link.person_id = link.person_id
            ) as is_council_only
        from identity.council_child
        inner join city.child_link as link
            on council_child.council_child_id = link.council_child_id and link.is_current
    ),

    matches as (
        select unsettled.pupil_id, others.person_id, 'upn' as method, 100 as confidence
        from unsettled
        inner join others on unsettled.upn = others.upn and unsettled.pupil_id <> others.pupil_id
        union all
        select unsettled.pupil_id, others.person_id, 'former_upn', 95
        from unsettled
        inner join others on unsettled.former_upn = others.upn and unsettled.pupil_id <> others.pupil_id
        union all
        select unsettled.pupil_id, others.person_id, 'former_upn', 95
        from unsettled
        inner join others on unsettled.upn = others.former_upn and unsettled.pupil_id <> others.pupil_id
        union all
        select unsettled.pupil_id, min(others.person_id), 'name_birth', 80
        from unsettled
        inner join others
            on unsettled.date_of_birth = others.date_of_birth
            and lower(unsettled.surname) = lower(others.surname)
            and lower(unsettled.forename) = lower(others.forename)
            and unsettled.pupil_id <> others.pupil_id
            and (unsettled.upn is null or others.upn is null)
        group by unsettled.pupil_id
        having count(distinct others.person_id) = 1
        union all
        select unsettled.pupil_id, council.person_id, 'upn', 100
        from unsettled
        inner join council on unsettled.upn = council.upn
        union all
        select unsettled.pupil_id, council.person_id, 'former_upn', 95
        from unsettled
        inner join council on unsettled.former_upn = council.upn
        union all
        select unsettled.pupil_id, council.person_id, 'former_upn', 95
        from unsettled
        inner join council on unsettled.upn = council.former_upn
        union all
        select unsettled.pupil_id, min(council.person_id), 'name_birth', 80
        from unsettled
        inner join council
            on unsettled.date_of_birth = council.date_of_birth
            and lower(unsettled.surname) = lower(council.surname)
            and lower(unsettled.forename) = lower(council.forename)
            and (unsettled.upn is null or council.upn is null)
            -- a name proves nothing where a register holds the child already: that pupil's own numbers decide above
            and council.is_council_only
        group by unsettled.pupil_id
        having count(distinct council.person_id) = 1
    ),

    best as (
        select distinct on (pupil_id) pupil_id, person_id, method, confidence
        from matches
        order by pupil_id, confidence desc, person_id
    )

    select
        unsettled.pupil_id,
        coalesce(best.person_id, unsettled.linked_to) as person_id,
        case when best.person_id is null then 'new' else best.method end as method,
        (case when best.person_id is null then 100 else best.confidence end)::smallint as confidence
    from unsettled
    left join best on unsettled.pupil_id = best.pupil_id
    -- a link stays until a better one points to another person
    where unsettled.linked_by is null or best.person_id <> unsettled.linked_to
"""


def link_persons(connection: Connection, knowledge: Knowledge) -> int:
    """Link every staged pupil that has no settled link; returns the number of links opened."""
    connection.execute(_CANDIDATES)
    connection.execute(
        """
        with fresh as (
            select pupil_id, nextval('register.person_id_seq') as person_id
            from (select pupil_id from stage_link where person_id is null order by pupil_id) as unlinked
        )
        update stage_link set person_id = fresh.person_id from fresh where stage_link.pupil_id = fresh.pupil_id
        """
    )
    values = ["person_id", "method", "confidence"]
    return apply_versions(connection, sql.SQL("register.person_link"), "stage_link", ["pupil_id"], values, knowledge)
