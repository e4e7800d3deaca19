-- One row per school, day and question: where registers speak against the declared calendar, for a person to confirm.
-- Until it is confirmed in calendar.csv the declared calendar counts, and what is silent stays unknown.
with evidence as (
    select
        urn,
        session_date,
        week_start,
        max(roll) as roll,
        sum(due)::integer as sessions_due,
        sum(known)::integer as sessions_known,
        sum(closed)::integer as sessions_closed,
        bool_or(due > 0) as is_declared
    from {{ ref('int_session_evidence') }}
    group by urn, session_date, week_start
),

full_days as (
    select
        *,
        100 * sessions_known >= {{ var('evidence_closed_pct') }} * sessions_due as is_full
    from evidence
    where is_declared
),

neighbours as (
    select
        *,
        lag(is_full) over (partition by urn order by session_date) as is_known_before,
        lead(is_full) over (partition by urn order by session_date) as is_known_after
    from full_days
),

silent_days as (
    select
        urn,
        session_date,
        'no register on a declared day' as question,
        case when is_known_before then 'high' else 'medium' end as confidence,
        sessions_due as sessions_affected,
        'None of ' || sessions_due || ' sessions known, though the school day after is known'
        || case when is_known_before then ', and the one before' else '' end as evidence,
        'closed' as calendar_kind
    from neighbours
    -- the newest days are not asked about: their register may still come
    where sessions_known = 0 and sessions_due > 0 and is_known_after
),

closed_days as (
    select
        urn,
        session_date,
        'marked closed on a declared day' as question,
        'high' as confidence,
        sessions_due as sessions_affected,
        sessions_closed || ' of ' || sessions_known || ' known sessions say that the school was closed' as evidence,
        'closed' as calendar_kind
    from evidence
    where
        is_declared
        and sessions_known > 0
        and 100 * sessions_closed >= {{ var('evidence_closed_pct') }} * sessions_known
),

open_days as (
    select
        urn,
        session_date,
        'register on an undeclared day' as question,
        case
            when 100 * sessions_known >= {{ var('evidence_open_pct') }} * 2 * roll then 'high'
            when 10 * sessions_known >= 2 * roll then 'medium'
            else 'low'
        end as confidence,
        2 * roll as sessions_affected,
        sessions_known || ' sessions marked by a roll of ' || roll as evidence,
        'term' as calendar_kind
    from evidence
    where not is_declared and sessions_known > 0
),

late_starts as (
    select
        urn,
        session_date,
        'later start of a year group' as question,
        'medium' as confidence,
        2 * sum(enrolments)::integer as sessions_affected,
        'Year ' || string_agg(nc_year, ', ' order by nc_year) || ': no mark yet, other years have theirs' as evidence,
        'closed' as calendar_kind
    from {{ ref('int_late_starts') }}
    group by urn, session_date
),

questions as (
    select * from silent_days
    union all
    select * from closed_days
    union all
    select * from open_days
    union all
    select * from late_starts
)

select
    urn,
    session_date,
    question,
    confidence,
    sessions_affected,
    evidence,
    calendar_kind
from questions
