-- One row per school and night: what came, how much of that day is known, and what needs putting right.
with nights as (
    select nights.*
    from {{ ref('stg_ops__school_nights') }} as nights
    inner join {{ ref('util_today') }} as today on nights.night <= today.as_at
),

today as (
    select * from {{ ref('util_today') }}
),

school_days as (
    select * from {{ ref('int_school_days') }}
),

withdrawn as (
    select
        urn,
        sum(sessions_withdrawn)::integer as sessions_withdrawn
    from {{ ref('int_code_counts') }}
    group by urn
),

days_back as (
    select
        days.urn,
        days.session_date,
        row_number() over (partition by days.urn order by days.session_date desc) as day_no
    from (select distinct
        urn,
        session_date
    from {{ ref('stg_city__school_sessions') }}) as days
    inner join today on days.session_date <= today.as_at
),

-- few weeks hold such a mark: materialised, so that only they are taken apart into sessions
pending_weeks as materialized (
    select
        enrolment_id,
        week_start,
        pending_sessions
    from {{ ref('int_enrolment_weeks') }}
    where pending_sessions <> 0
),

overdue as (
    select
        enrolments.urn,
        count(*)::integer as sessions_overdue
    from pending_weeks as weeks
    inner join {{ ref('int_enrolments_current') }} as enrolments on weeks.enrolment_id = enrolments.enrolment_id
    inner join days_back
        on enrolments.urn = days_back.urn and days_back.day_no = {{ var('n_code_school_days') }} + 1
    cross join generate_series(0, 13) as bits (bit_no)
    where
        weeks.pending_sessions & (1 << bits.bit_no) <> 0
        and weeks.week_start + bits.bit_no / 2 < days_back.session_date
    group by enrolments.urn
)

select
    nights.night,
    nights.urn,
    nights.status,
    nights.reason_code,
    nights.reason,
    nights.rows_in,
    nights.marks_new,
    nights.marks_changed,
    nights.marks_removed,
    nights.marks_unchanged,
    nights.rows_quarantined as rows_refused,
    nights.rules_broken,
    nights.marks_unmapped,
    coalesce(school_days.sessions_expected, 0) as sessions_expected,
    coalesce(school_days.sessions_known, 0) as sessions_known,
    case when nights.night = today.as_at then coalesce(withdrawn.sessions_withdrawn, 0) end as sessions_withdrawn,
    case when nights.night = today.as_at then coalesce(overdue.sessions_overdue, 0) end as sessions_overdue,
    {{ rate('school_days.sessions_known', 'school_days.sessions_expected') }} as coverage_rate,
    coalesce(
        100 * school_days.sessions_known < {{ var('min_coverage_pct') }} * school_days.sessions_expected, false
    ) as is_thin,
    nights.source_at
from nights
cross join today
left join school_days on nights.urn = school_days.urn and nights.night = school_days.session_date
left join withdrawn on nights.urn = withdrawn.urn
left join overdue on nights.urn = overdue.urn
