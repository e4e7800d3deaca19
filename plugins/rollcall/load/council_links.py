"""Which person of the register a child of the council is: the evidence, methods and confidences of ``persons.py``.

A child that no register knows becomes a person of its own, so that it exists, and so that a later register finds it.
"""

from __future__ import annotations

from typing import Final

from psycopg import sql

from rollcall.council import FEEDS
from rollcall.load.versions import Knowledge, apply_versions
from rollcall.warehouse.connect import Connection

_LINKS: Final = """
    create temp table stage_child_link on commit drop as
    with
    namings as (
        select council_child.*, link.person_id as linked_to, link.method as linked_by, link.confidence as linked_with
        from identity.council_child
        left join city.child_link as link
            on council_child.council_child_id = link.council_child_id and link.is_current
        where {is_asked}
    ),

    others as (
        select pupil.upn, pupil.former_upn, pupil.surname, pupil.forename, pupil.date_of_birth, link.person_id
        from identity.pupil
        inner join register.person_link as link on pupil.pupil_id = link.pupil_id and link.is_current
        where pupil.is_current
    ),

    matches as (
        select namings.council_child_id, others.person_id, 'upn' as method, 100 as confidence
        from namings
        inner join others on namings.upn = others.upn
        union all
        select namings.council_child_id, others.person_id, 'former_upn', 95
        from namings
        inner join others on namings.former_upn = others.upn
        union all
        select namings.council_child_id, others.person_id, 'former_upn', 95
        from namings
        inner join others on namings.upn = others.former_upn
        union all
        select namings.council_child_id, min(others.person_id), 'name_birth', 80
        from namings
        inner join others
            on namings.date_of_birth = others.date_of_birth
            and lower(namings.surname) = lower(others.surname)
            and lower(namings.forename) = lower(others.forename)
            and not exists (
                select 1 from identity.council_child as same_child
                where same_child.council_child_id = namings.council_child_id and same_child.upn <> others.upn
            )
        group by namings.council_child_id
        having count(distinct others.person_id) = 1
    ),

    best as (
        select distinct on (matches.council_child_id) matches.*
        from matches
        inner join namings on matches.council_child_id = namings.council_child_id
        order by
            matches.council_child_id, matches.confidence desc,
            (matches.person_id = namings.linked_to) desc nulls last, matches.person_id
    ),

    children as (
        select
            council_child_id,
            max(linked_to) as linked_to,
            max(linked_by) as linked_by,
            max(linked_with) as linked_with,
            date_trunc('month', max(date_of_birth))::date as birth_month
        from namings
        group by council_child_id
    )

    select
        children.council_child_id,
        coalesce(best.person_id, children.linked_to) as person_id,
        coalesce(best.method, children.linked_by, 'new') as method,
        coalesce(best.confidence, children.linked_with, 100)::smallint as confidence,
        children.birth_month
    from children
    left join best on children.council_child_id = best.council_child_id
"""


_NAMED_ANEW: Final = """
    council_child.council_child_id in (
        select council_child_id from identity.council_child where extract_id = {extract_id}
    )
"""


def link_children(connection: Connection, knowledge: Knowledge, *, everyone: bool) -> int:
    """Link children of the council to a person by the evidence as it now is; returns the number of links opened.

    ``everyone``, or those alone that this file named anew: as long as no register moves, the evidence on any other child
    is what it was when it was linked.
    """
    anew = sql.SQL(_NAMED_ANEW).format(extract_id=sql.Literal(knowledge.extract_id))
    is_asked = sql.SQL("true") if everyone else anew
    connection.execute("drop table if exists stage_child_link")
    connection.execute(sql.SQL(_LINKS).format(is_asked=is_asked))
    connection.execute(
        """
        with fresh as (
            select council_child_id, nextval('register.person_id_seq') as person_id
            from (select council_child_id from stage_child_link where person_id is null order by 1) as unlinked
        )
        update stage_child_link set person_id = fresh.person_id from fresh
        where stage_child_link.council_child_id = fresh.council_child_id
        """
    )
    # two feeds of one moment may teach something about one child: between them nobody could have read the first link
    connection.execute(
        """
        delete from city.child_link as known using stage_child_link as stage
        where known.is_current and known.known_from = %s and known.council_child_id = stage.council_child_id
            and (known.person_id, known.method, known.confidence, known.birth_month)
            is distinct from (stage.person_id, stage.method, stage.confidence, stage.birth_month)
        """,
        [knowledge.known_at],
    )
    values = ["person_id", "method", "confidence", "birth_month"]
    table = sql.SQL("city.child_link")
    return apply_versions(connection, table, "stage_child_link", ["council_child_id"], values, knowledge)


def has_register_moved(connection: Connection, knowledge: Knowledge) -> bool:
    """Whether a register was loaded since the last feed that names children, so that one may now be found on a roll."""
    row = connection.execute(
        """
        select coalesce(
            (select max(loaded_at) from register.extract where verdict = 'loaded')
            >= (
                select max(loaded_at) from city.feed_extract
                where verdict = 'loaded' and feed = any(%s) and extract_id <> %s
            ),
            true
        )
        """,
        [[name for name, feed in FEEDS.items() if feed.child != "none"], knowledge.extract_id],
    ).fetchone()
    return row is None or bool(row[0])
