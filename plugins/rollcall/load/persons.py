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
    -- folded into each join below, where the sizes and values of stage_pupil are then known to the planner
    unsettled as not materialized (
        select stage_pupil.*, link.person_id as linked_to, link.method as linked_by
        from stage_pupil
        left join register.person_link as link on stage_pupil.pupil_id = link.pupil_id and link.is_current
        where link.person_id is null or link.method in ('new', 'name_birth')
    ),

    pairs as (
        select unsettled.pupil_id, other.pupil_id as other_id, 'upn' as method, 100 as confidence
        from unsettled
        inner join identity.pupil as other on unsettled.upn = other.upn and other.is_current
        union all
        select unsettled.pupil_id, other.pupil_id, 'former_upn', 95
        from unsettled
        inner join identity.pupil as other on unsettled.former_upn = other.upn and other.is_current
        union all
        select unsettled.pupil_id, other.pupil_id, 'former_upn', 95
        from unsettled
        inner join identity.pupil as other on unsettled.upn = other.former_upn and other.is_current
        union all
        select unsettled.pupil_id, other.pupil_id, 'name_birth', 80
        from unsettled
        inner join identity.pupil as other on unsettled.date_of_birth = other.date_of_birth and other.is_current
        where (unsettled.upn is null or other.upn is null)
            and lower(unsettled.surname) = lower(other.surname)
            and lower(unsettled.forename) = lower(other.forename)
    ),

    linked as (
        select pairs.pupil_id, pairs.method, pairs.confidence, link.person_id
        from pairs
        inner join register.person_link as link on pairs.other_id = link.pupil_id and link.is_current
        where pairs.pupil_id <> pairs.other_id
    ),

    -- every branch below asks it by an indexed column, so it must not be made whole for each school
    council as not materialized (
        select council_child.*, link.person_id
        from identity.council_child
        inner join city.child_link as link
            on council_child.council_child_id = link.council_child_id and link.is_current
    ),

    matches as (
        select pupil_id, person_id, method, confidence from linked where method <> 'name_birth'
        union all
        select pupil_id, min(person_id), method, confidence
        from linked
        where method = 'name_birth'
        group by pupil_id, method, confidence
        having count(distinct person_id) = 1
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
        where not exists (
            select 1 from register.person_link as pupil_link
            where pupil_link.is_current and pupil_link.person_id = council.person_id
        )
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
