-- One row per trust, type, ward or link officer and period (week, month, half term, term, year to date).
{%- set counts = [
    'sessions_known', 'enrolments', 'enrolments_persistently_absent', 'enrolments_severely_absent', 'dfe_enrolments',
    'dfe_enrolments_persistently_absent', 'dfe_enrolments_severely_absent', 'dfe_sessions_possible',
    'dfe_sessions_absent'
] %}
with school_periods as (
    select * from {{ ref('int_school_periods') }}
),

areas as (
    select * from {{ ref('int_school_areas') }}
    where area_type in ('type', 'trust', 'ward', 'link officer')
),

summed as (
    select
        areas.area_type,
        areas.area,
        school_periods.academic_year,
        school_periods.period_type,
        school_periods.period_name,
        min(school_periods.first_week) as first_week,
        {% for measure in session_measures() + counts -%}
            sum(school_periods.{{ measure }})::integer as {{ measure }},
        {% endfor -%}
        count(*) filter (where school_periods.is_in and school_periods.is_expected)::integer as schools_in,
        count(*) filter (where school_periods.is_expected)::integer as schools_expected,
        count(*) filter (where school_periods.is_settled)::integer as schools_settled,
        max(school_periods.last_school_day) as last_school_day
    from school_periods
    inner join areas on school_periods.urn = areas.urn
    group by 1, 2, 3, 4, 5
)

select
    area_type,
    area,
    academic_year,
    period_type,
    period_name,
    first_week,
    {{ (session_measures() + counts) | join(',\n    ') }},
    schools_in,
    schools_expected,
    schools_settled,
    {{ absence_rates() }},
    last_school_day
from summed
