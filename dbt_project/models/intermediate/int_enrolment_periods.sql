-- One row per enrolment and period (year to date, term, half term, rolling weeks): the sum of its weeks.
-- The dfe_ sums are those of DfE's published cohort: no study leave at fifteen, no school of a handful, and in the year
-- none who joined in its last half term. Outside DfE's cohort they are nought.
{{ config(sql_header="set local work_mem = '256MB';") }}
with half_terms as (
    select * from {{ ref('int_enrolment_half_terms') }}
),

today as (
    select
        today.as_at,
        max(weeks.academic_year) as academic_year
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
    group by today.as_at
),

small_schools as (
    select
        urn,
        academic_year
    from (
        select
            urn,
            academic_year,
            enrolment_id,
            max(sessions_possible) as sessions_possible
        from half_terms
        where is_dfe_cohort
        group by urn, academic_year, enrolment_id
    ) as cohort
    group by urn, academic_year
    having count(*) filter (where sessions_possible > 0) < {{ var('min_school_enrolments') }}
),

periods as (
    select
        half_terms.academic_year,
        case
            when grouping(half_terms.term_name) = 0 then 'term'
            when grouping(half_terms.half_term_name) = 0 then 'half_term'
            else 'year'
        end as period_type,
        coalesce(half_terms.term_name, half_terms.half_term_name, 'year to date') as period_name,
        half_terms.enrolment_id,
        half_terms.person_id,
        half_terms.urn,
        half_terms.dfe_phase,
        half_terms.is_dfe_cohort,
        half_terms.is_late_joiner
        and grouping(half_terms.term_name) + grouping(half_terms.half_term_name) = 2 as is_left_out,
        {{ sum_session_measures('half_terms') }},
        {{ dfe_sum('sessions_possible') }},
        {{ dfe_sum('sessions_absent') }}
    from half_terms
    group by
        half_terms.academic_year,
        half_terms.enrolment_id,
        half_terms.person_id,
        half_terms.urn,
        half_terms.dfe_phase,
        half_terms.is_dfe_cohort,
        half_terms.is_late_joiner,
        grouping sets ((half_terms.term_name), (half_terms.half_term_name), ())
    union all
    select
        today.academic_year,
        'rolling' as period_type,
        'last {{ var("rolling_weeks") }} weeks' as period_name,
        half_terms.enrolment_id,
        half_terms.person_id,
        half_terms.urn,
        half_terms.dfe_phase,
        bool_or(half_terms.is_dfe_cohort) as is_dfe_cohort,
        false as is_left_out,
        {{ sum_session_measures('half_terms') }},
        0 as dfe_sessions_possible,
        0 as dfe_sessions_absent
    from half_terms
    cross join today
    where half_terms.is_rolling
    group by
        today.academic_year, half_terms.enrolment_id, half_terms.person_id, half_terms.urn, half_terms.dfe_phase
)

select
    periods.academic_year,
    periods.period_type,
    periods.period_name,
    periods.enrolment_id,
    periods.person_id,
    periods.urn,
    periods.dfe_phase,
    periods.is_dfe_cohort,
    {% for measure in session_measures() -%}
        periods.{{ measure }},
    {% endfor -%}
    case when periods.is_left_out or small_schools.urn is not null then 0 else periods.dfe_sessions_possible end
        as dfe_sessions_possible,
    case when periods.is_left_out or small_schools.urn is not null then 0 else periods.dfe_sessions_absent end
        as dfe_sessions_absent
from periods
left join small_schools on periods.urn = small_schools.urn and periods.academic_year = small_schools.academic_year
