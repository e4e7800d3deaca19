-- One row per enrolment and continuous period of illness for which a sickness return falls due this academic year.
-- consecutive: it alone reached the days; cumulative: the year's total reached them in it; expected: by own pace.
with today as (
    select * from {{ ref('util_today') }}
),

enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

periods as (
    select
        runs.*,
        sum(runs.sessions) over (partition by runs.enrolment_id order by runs.first_session_no)::integer
            as year_sessions_ill
    from {{ ref('int_continuous_runs') }} as runs
    where runs.kind = 'sickness'
),

-- few rows: the sums below are asked for these enrolments alone
due as materialized (
    select
        periods.*,
        case
            when periods.reached_date is not null then 'consecutive'
            when
                periods.year_sessions_ill >= 2 * {{ var('sickness_return_days') }}
                and periods.year_sessions_ill - periods.sessions < 2 * {{ var('sickness_return_days') }}
                then 'cumulative'
            when
                periods.is_open and periods.year_sessions_ill < 2 * {{ var('sickness_return_days') }}
                and periods.sessions >= 2 * {{ var('sickness_forecast_school_days') }}
                then 'expected'
        end as grounds
    from periods
),

attendance as (
    select
        weeks.enrolment_id,
        sum(weeks.sessions_possible)::integer as sessions_possible,
        sum(weeks.sessions_unknown)::integer as year_sessions_unknown
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join (
        select distinct enrolment_id from due
        where grounds is not null
    ) as wanted
        on weeks.enrolment_id = wanted.enrolment_id
    where weeks.week_start >= {{ academic_year_start() }} - 6
    group by weeks.enrolment_id
),

ahead as (
    select
        enrolments.enrolment_id,
        count(*)::integer as sessions_ahead
    from enrolments
    inner join (
        select distinct enrolment_id from due
        where grounds is not null
    ) as wanted
        on enrolments.enrolment_id = wanted.enrolment_id
    cross join today
    inner join {{ ref('int_school_sessions') }} as calendar
        on
            enrolments.urn = calendar.urn
            and today.as_at < calendar.session_date
            and calendar.session_date <= coalesce(enrolments.leaving_date, 'infinity')
    inner join {{ ref('stg_city__periods') }} as years
        on
            years.period_type = 'year'
            and today.as_at between years.first_day and years.last_day
            and calendar.session_date <= years.last_day
    group by enrolments.enrolment_id
)

select
    due.enrolment_id,
    due.first_date,
    due.person_id,
    due.urn,
    due.grounds,
    case due.grounds when 'consecutive' then due.reached_date when 'cumulative' then due.total_reached_date end
        as reached_date,
    due.last_date,
    due.sessions,
    due.school_days,
    due.year_sessions_ill,
    attendance.sessions_possible,
    coalesce(ahead.sessions_ahead, 0) as sessions_ahead,
    due.sessions_bridged,
    due.sessions_unknown,
    attendance.year_sessions_unknown,
    due.is_open
from due
inner join enrolments on due.enrolment_id = enrolments.enrolment_id
inner join attendance on due.enrolment_id = attendance.enrolment_id
left join ahead on due.enrolment_id = ahead.enrolment_id
where
    {{ may_be_compulsory_age('due.last_date', 'enrolments') }}
    and (
        due.grounds in ('consecutive', 'cumulative')
        -- own pace: illness so far, stretched to the sessions still ahead, reaches the days
        or due.grounds = 'expected'
        and due.year_sessions_ill::bigint * (attendance.sessions_possible + coalesce(ahead.sessions_ahead, 0))
        >= 2 * {{ var('sickness_return_days') }}::bigint * attendance.sessions_possible
    )
