-- Claim:   enrolments, children, schools, phases and the city have the same sessions in year, terms and half terms.
-- Matters: a figure must not depend on the way in which a reader came to it.
-- Remedy:  find the first level that differs; a school or a phase without a row in the reference is the usual reason.
with levels as (
    {% for level in [
        'fct_enrolment_absence', 'fct_child_absence', 'agg_school_absence', 'agg_phase_absence', 'agg_city_absence'
    ] -%}
        select
            academic_year,
            period_type,
            period_name,
            '{{ level }}' as level_name,
            sum(sessions_expected) as sessions_expected,
            sum(sessions_possible) as sessions_possible,
            sum(sessions_absent) as sessions_absent,
            sum(sessions_unknown) as sessions_unknown
        from {{ ref(level) }}
        where sessions_expected > 0
        group by 1, 2, 3
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    academic_year,
    period_type,
    period_name
from levels
where period_type in ('year', 'term', 'half_term')
group by 1, 2, 3
having
    count(*) <> 5
    or min(sessions_expected) <> max(sessions_expected)
    or min(sessions_possible) <> max(sessions_possible)
    or min(sessions_absent) <> max(sessions_absent)
    or min(sessions_unknown) <> max(sessions_unknown)
