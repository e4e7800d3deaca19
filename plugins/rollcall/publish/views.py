"""The one view of ``serve`` that is not a mart: the drill-down to single sessions, as known at the publication."""

from __future__ import annotations

from typing import Final

SESSION_VIEW: Final = """
    create view serve.fct_sessions with (security_barrier) as
    select
        mark.enrolment_id,
        enrolments.person_id,
        enrolments.urn,
        mark.session_date,
        case mark.half when 1 then 'AM' else 'PM' end as session,
        mark.code,
        codes.category,
        mark.minutes_late,
        coalesce(codes.is_possible, false) as is_possible,
        coalesce(codes.is_attending, false) as is_attended,
        coalesce(codes.is_absence, false) as is_absent,
        codes.code is null as is_unknown,
        mark.known_from
    from ops.publication as publication
    inner join register.mark as mark
        on mark.known_from <= publication.known_at
        and mark.known_to > publication.known_at
        and mark.session_date <= publication.night
    inner join marts.dim_enrolments as enrolments on mark.enrolment_id = enrolments.enrolment_id
    left join marts.dim_attendance_codes as codes on mark.code = codes.code
    where publication.is_current
"""
"""One row per mark of an enrolment and session. A session that was due and has no row here is unknown."""
