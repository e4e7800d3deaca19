-- One row per child on a roll, not persistently absent so far, with sessions enough: its facts, in whole numbers.
{{ config(sql_header="set local work_mem = '64MB';") }}
with today as (
    select * from {{ ref('util_today') }}
),

enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

totals as (
    select
        enrolments.person_id,
        sum(weeks.sessions_possible)::integer as sessions_possible,
        sum(weeks.sessions_absent)::integer as sessions_absent,
        sum(weeks.sessions_unauthorised)::integer as sessions_unauthorised,
        sum(weeks.sessions_unknown)::integer as sessions_unknown,
        count(*) filter (where weeks.sessions_possible > 0)::integer as weeks,
        count(*) filter (where weeks.sessions_absent > 0)::integer as absent_weeks,
        coalesce(sum(weeks.sessions_possible) filter (where weeks.week_start > recent.last_old_day), 0)::integer
            as recent_possible,
        coalesce(sum(weeks.sessions_absent) filter (where weeks.week_start > recent.last_old_day), 0)::integer
            as recent_absent
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join enrolments on weeks.enrolment_id = enrolments.enrolment_id
    cross join (select as_at - {{ var('early_signal_recent_days') }} as last_old_day from today) as recent
    where weeks.week_start >= {{ academic_year_start() }} - 6
    group by enrolments.person_id
),

years as (
    select max(last_day) as last_day from {{ ref('stg_city__periods') }}
    where period_type = 'year' and first_day = {{ academic_year_start() }}
),

school_days_ahead as (
    select
        calendar.urn,
        calendar.session_date,
        count(*) as sessions
    from {{ ref('int_school_sessions') }} as calendar
    cross join years
    inner join today on calendar.session_date > today.as_at
    where calendar.session_date <= years.last_day
    group by calendar.urn, calendar.session_date
),

-- many enrolments of a school leave on the same day, most on none: the calendar is summed once for each
leaving_days as (
    select distinct
        urn,
        leaving_date
    from enrolments
    where is_on_roll
),

ahead_of_leaving as (
    select
        leaving_days.urn,
        leaving_days.leaving_date,
        coalesce(sum(school_days_ahead.sessions), 0)::integer as sessions_ahead
    from leaving_days
    left join school_days_ahead
        on
            leaving_days.urn = school_days_ahead.urn
            and school_days_ahead.session_date <= coalesce(leaving_days.leaving_date, 'infinity')
    group by leaving_days.urn, leaving_days.leaving_date
),

-- on two rolls, the school with the most ahead says how much of the year is left
ahead as (
    select distinct on (enrolments.person_id)
        enrolments.person_id,
        enrolments.enrolment_id,
        enrolments.urn,
        ahead_of_leaving.sessions_ahead
    from enrolments
    inner join ahead_of_leaving
        on
            enrolments.urn = ahead_of_leaving.urn
            and enrolments.leaving_date is not distinct from ahead_of_leaving.leaving_date
    where enrolments.is_on_roll
    order by enrolments.person_id asc, ahead_of_leaving.sessions_ahead desc, enrolments.enrolment_id desc
)

select
    totals.*,
    ahead.urn,
    ahead.sessions_ahead,
    100 * ahead.sessions_ahead / (totals.sessions_possible + ahead.sessions_ahead) as share_ahead,
    1000 * totals.sessions_absent / totals.sessions_possible as rate_so_far,
    1000 * totals.recent_absent / greatest(totals.recent_possible, 1) as recent_rate,
    100 * totals.absent_weeks / greatest(totals.weeks, 1) as absent_weeks_share,
    100 * totals.sessions_unauthorised / greatest(totals.sessions_absent, 1) as unauthorised_share
from totals
inner join ahead on totals.person_id = ahead.person_id
where
    totals.sessions_possible >= {{ var('early_signal_min_possible') }}
    and not {{ is_persistently_absent('totals.sessions_absent', 'totals.sessions_possible') }}
    and ahead.sessions_ahead > 0
