-- One row per enrolment, half term and span of unchanged statuses (rolling weeks apart): what every period is made of.
-- One pass over the weeks; the facts that decide DfE's cohort stand beside the sums.
-- The planner thinks the weeks of a span few and would look each span's up alone: hence no nested loops.
{{ config(
    sql_header="set local work_mem = '256MB'; set local enable_nestloop = off;"
) }}
with enrolment_weeks as (
    select * from {{ ref('int_enrolment_weeks') }}
),

-- a number for each part of the year that is summed alone: weeks are grouped by it and not by its names
week_periods as (
    select
        *,
        dense_rank() over (order by academic_year, term_name, half_term_name, is_rolling)::smallint as part_no
    from {{ ref('int_week_periods') }}
    where term_name is not null
),

parts as (
    select distinct on (part_no) * from week_periods
    order by part_no
),

enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

spans as (
    select
        enrolment_id,
        span_no,
        first_week,
        end_week
    from {{ ref('int_enrolment_groups') }}
),

sums as (
    select
        enrolment_weeks.enrolment_id,
        spans.span_no,
        week_periods.part_no,
        {{ sum_session_measures('enrolment_weeks') }}
    from enrolment_weeks
    inner join week_periods on enrolment_weeks.week_start = week_periods.week_start
    inner join spans
        on
            enrolment_weeks.enrolment_id = spans.enrolment_id
            and enrolment_weeks.week_start >= spans.first_week
            and enrolment_weeks.week_start < spans.end_week
    group by 1, 2, 3
),

aged as (
    select
        sums.*,
        parts.academic_year,
        parts.last_half_term_first_day,
        parts.term_name,
        parts.half_term_name,
        parts.is_last_half_term,
        parts.is_rolling,
        enrolments.person_id,
        enrolments.urn,
        enrolments.dfe_phase,
        enrolments.is_dfe_statistics_school,
        enrolments.entry_date,
        {{ age_at_31_august('enrolments.birth_month', 'parts.year_first_day') }} as age_at_31_august
    from sums
    inner join parts on sums.part_no = parts.part_no
    inner join enrolments on sums.enrolment_id = enrolments.enrolment_id
)

select
    enrolment_id,
    span_no,
    person_id,
    urn,
    dfe_phase,
    academic_year,
    term_name,
    half_term_name,
    {{ session_measures() | join(',\n    ') }},
    is_rolling,
    coalesce(
        is_dfe_statistics_school
        and age_at_31_august between {{ var('statistics_min_age') }} and {{ var('statistics_max_age') }},
        false
    ) as is_dfe_cohort,
    coalesce(is_last_half_term and age_at_31_august = {{ var('statistics_max_age') }}, false) as is_study_leave,
    coalesce(entry_date >= last_half_term_first_day, false) as is_late_joiner
from aged
