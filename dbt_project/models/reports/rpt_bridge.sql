-- One row per step from the city's figure by child to the figure as DfE publishes it, and measure: the year to date.
-- The last step compares the end of the bridge with the published columns: its change is the residual, and is nought.
{%- set measures = ['population', 'persistent', 'severe', 'sessions_possible', 'sessions_absent'] %}
with today as (
    select max(weeks.academic_year) as academic_year
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
),

enrolment_totals as (
    select
        half_terms.enrolment_id,
        half_terms.urn,
        bool_or(half_terms.is_dfe_cohort) as is_dfe_cohort,
        bool_or(half_terms.is_late_joiner) as is_late_joiner,
        sum(half_terms.sessions_possible) as possible,
        sum(half_terms.sessions_absent) as absent,
        coalesce(sum(half_terms.sessions_possible) filter (where not half_terms.is_study_leave), 0) as dfe_possible,
        coalesce(sum(half_terms.sessions_absent) filter (where not half_terms.is_study_leave), 0) as dfe_absent
    from {{ ref('int_enrolment_half_terms') }} as half_terms
    inner join today on half_terms.academic_year = today.academic_year
    group by half_terms.enrolment_id, half_terms.urn
),

described as (
    select
        enrolment_totals.*,
        schools.is_in_dfe_statistics,
        enrolments.is_boarder,
        count(*) filter (where enrolment_totals.is_dfe_cohort and enrolment_totals.possible > 0) over (
            partition by enrolment_totals.urn
        ) < {{ var('min_school_enrolments') }} as is_small_school
    from enrolment_totals
    inner join {{ ref('int_enrolments_current') }} as enrolments
        on enrolment_totals.enrolment_id = enrolments.enrolment_id
    inner join {{ ref('dim_schools') }} as schools on enrolment_totals.urn = schools.urn
),

steps (step_no, step) as (
    values
    (1, 'each enrolment for itself'),
    (2, 'without independent, nursery and alternative provision'),
    (3, 'without boarders'),
    (4, 'aged 5 to 15 on 31 August'),
    (5, 'without the last half term at fifteen'),
    (6, 'without those who joined in the last half term'),
    (7, 'without schools of fewer than {{ var("min_school_enrolments") }}')
),

by_step as (
    select
        steps.step_no,
        steps.step,
        case when steps.step_no < 5 then described.possible else described.dfe_possible end as possible,
        case when steps.step_no < 5 then described.absent else described.dfe_absent end as absent
    from described
    inner join steps
        on
            (steps.step_no < 2 or described.is_in_dfe_statistics)
            and (steps.step_no < 3 or not described.is_boarder)
            and (steps.step_no < 4 or described.is_dfe_cohort)
            and (steps.step_no < 6 or not described.is_late_joiner)
            and (steps.step_no < 7 or not described.is_small_school)
    union all
    select
        0 as step_no,
        'children, over all their schools' as step,
        children.sessions_possible as possible,
        children.sessions_absent as absent
    from {{ ref('int_child_periods') }} as children
    inner join today on children.academic_year = today.academic_year
    where children.period_type = 'year'
    union all
    select
        8 as step_no,
        'as the published columns say' as step,
        periods.dfe_sessions_possible as possible,
        periods.dfe_sessions_absent as absent
    from {{ ref('int_enrolment_periods') }} as periods
    inner join today on periods.academic_year = today.academic_year
    where periods.period_type = 'year'
),

summed as (
    select
        step_no,
        step,
        count(*) filter (where possible > 0) as population,
        count(*) filter (where {{ is_persistently_absent('absent', 'possible') }}) as persistent,
        count(*) filter (where {{ is_severely_absent('absent', 'possible') }}) as severe,
        sum(possible) as sessions_possible,
        sum(absent) as sessions_absent
    from by_step
    group by step_no, step
),

measured as (
    select
        summed.step_no,
        summed.step,
        measures.measure,
        measures.value::integer as value
    from summed
    cross join lateral (
        values
        {% for measure in measures -%}
            ('{{ measure }}', summed.{{ measure }}){{ ',' if not loop.last }}
        {% endfor %}
    ) as measures (measure, value)
)

select
    today.academic_year,
    measured.step_no,
    measured.step,
    measured.measure,
    measured.value,
    measured.value - lag(measured.value) over (partition by measured.measure order by measured.step_no) as change
from measured
cross join today
