-- One row per enrolment and period (year to date, term): the sum of its weeks.
-- The dfe_ sums leave out the last half term of a fifteen-year-old, as DfE does because of study leave.
{{ config(sql_header="set local work_mem = '256MB'; set local parallel_setup_cost = 0;") }}
with enrolment_weeks as (
    select * from {{ ref('int_enrolment_weeks') }}
),

enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

terms as (
    select * from {{ ref('int_weeks') }}
    where period_type = 'term'
),

half_terms as (
    select * from {{ ref('int_weeks') }}
    where period_type = 'half_term'
),

years as (
    select distinct
        academic_year,
        period_name
    from {{ ref('int_weeks') }}
    where period_type = 'year'
),

-- one pass over the weeks, by half term; the year and the terms are sums of few rows
half_term_sums as (
    select
        enrolment_weeks.enrolment_id,
        terms.academic_year,
        terms.period_name as term_name,
        terms.year_first_day,
        coalesce(half_terms.is_last_of_year, false) as is_last_half_term,
        {{ sum_session_measures('enrolment_weeks') }}
    from enrolment_weeks
    inner join terms on enrolment_weeks.week_start = terms.week_start
    left join half_terms on enrolment_weeks.week_start = half_terms.week_start
    group by 1, 2, 3, 4, 5
),

sums_of_known_children as (
    select
        half_term_sums.*,
        enrolments.person_id,
        enrolments.urn,
        enrolments.dfe_phase,
        enrolments.is_dfe_statistics_school
        and {{ age_at_31_august('enrolments.birth_month', 'half_term_sums.year_first_day') }}
        between {{ var('statistics_min_age') }} and {{ var('statistics_max_age') }} as is_dfe_cohort,
        half_term_sums.is_last_half_term
        and {{ age_at_31_august('enrolments.birth_month', 'half_term_sums.year_first_day') }}
        = {{ var('statistics_max_age') }} as is_study_leave
    from half_term_sums
    inner join enrolments on half_term_sums.enrolment_id = enrolments.enrolment_id
),

periods as (
    select
        sums.academic_year,
        case when grouping(sums.term_name) = 1 then 'year' else 'term' end as period_type,
        coalesce(sums.term_name, years.period_name) as period_name,
        sums.enrolment_id,
        sums.person_id,
        sums.urn,
        sums.dfe_phase,
        coalesce(sums.is_dfe_cohort, false) as is_dfe_cohort,
        {{ sum_session_measures('sums') }},
        coalesce(sum(sums.sessions_possible) filter (where sums.is_dfe_cohort and not sums.is_study_leave), 0)::integer
            as dfe_sessions_possible,
        coalesce(sum(sums.sessions_absent) filter (where sums.is_dfe_cohort and not sums.is_study_leave), 0)::integer
            as dfe_sessions_absent
    from sums_of_known_children as sums
    inner join years on sums.academic_year = years.academic_year
    group by
        sums.academic_year,
        years.period_name,
        sums.enrolment_id,
        sums.person_id,
        sums.urn,
        sums.dfe_phase,
        sums.is_dfe_cohort,
        grouping sets ((sums.term_name), ())
)

select * from periods
