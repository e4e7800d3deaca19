-- One row per school and period (week, month, half term, term, year to date) begun by the night.
-- Its totals, and whether it is in.
with today as (
    select * from {{ ref('util_today') }}
),

weeks as (
    select * from {{ ref('int_weeks') }}
    where period_type in ('week', 'month', 'half_term', 'term', 'year')
),

schools as (
    select * from {{ ref('stg_city__schools') }}
),

phases as (
    select * from {{ ref('phases') }}
),

declared_days as (
    select distinct
        urn,
        session_date,
        {{ week_start('session_date') }} as week_start
    from {{ ref('stg_city__school_sessions') }}
),

last_declared_days as (
    select
        declared_days.urn,
        weeks.academic_year,
        weeks.period_type,
        weeks.period_name,
        min(weeks.week_start) as first_week,
        max(declared_days.session_date) as last_school_day
    from declared_days
    inner join today on declared_days.session_date <= today.as_at
    inner join weeks on declared_days.week_start = weeks.week_start
    group by 1, 2, 3, 4
),

sums as (
    select
        school_weeks.urn,
        weeks.academic_year,
        weeks.period_type,
        weeks.period_name,
        min(weeks.week_start) as first_week,
        max(school_weeks.enrolments) as enrolments_in_a_week,
        {{ sum_session_measures('school_weeks') }}
    from {{ ref('int_school_weeks') }} as school_weeks
    inner join weeks on school_weeks.week_start = weeks.week_start
    group by 1, 2, 3, 4
),

enrolment_counts as (
    select
        urn,
        academic_year,
        period_type,
        period_name,
        {{ count_enrolments() }}
    from {{ ref('int_enrolment_periods') }}
    group by 1, 2, 3, 4
),

school_periods as (
    select
        urn,
        academic_year,
        period_type,
        period_name,
        least(sums.first_week, last_declared_days.first_week) as first_week,
        last_declared_days.last_school_day,
        {% for measure in session_measures() -%}
            coalesce(sums.{{ measure }}, 0) as {{ measure }},
        {% endfor -%}
        coalesce(sums.sessions_expected - sums.sessions_unknown, 0) as sessions_known,
        coalesce(enrolment_counts.enrolments, sums.enrolments_in_a_week, 0) as enrolments,
        enrolment_counts.enrolments_persistently_absent,
        enrolment_counts.enrolments_severely_absent,
        enrolment_counts.dfe_enrolments,
        enrolment_counts.dfe_enrolments_persistently_absent,
        enrolment_counts.dfe_enrolments_severely_absent,
        enrolment_counts.dfe_sessions_possible,
        enrolment_counts.dfe_sessions_absent
    from last_declared_days
    full outer join sums using (urn, academic_year, period_type, period_name)
    left join enrolment_counts using (urn, academic_year, period_type, period_name)
),

school_periods_described as (
    select
        school_periods.*,
        phases.dfe_phase,
        -- a school that the city never asks is expected all the same, unless it is independent and owes no register
        school_periods.last_school_day is not null
        and (not schools.is_independent or nullif(schools.connector, '') is not null)
        and coalesce(schools.open_date, '-infinity') <= school_periods.last_school_day
        and coalesce(schools.close_date, 'infinity') >= school_periods.last_school_day as is_expected,
        coalesce(school_days.sessions_known, 0) > 0 as is_in,
        coalesce(school_periods.last_school_day <= settlement.settled_until, false) as is_settled
    from school_periods
    inner join schools on school_periods.urn = schools.urn
    left join phases on schools.phase = phases.phase
    left join {{ ref('int_settlement') }} as settlement on school_periods.urn = settlement.urn
    left join {{ ref('int_school_days') }} as school_days
        on
            school_periods.urn = school_days.urn
            and school_periods.last_school_day = school_days.session_date
)

select * from school_periods_described
