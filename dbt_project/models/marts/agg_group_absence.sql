-- One row per area, group of children and period: schools summed, each session in the group of its own week.
-- A week, of the city and its phases, has sessions and rates; its schools are those of the year to date.
{%- set tallies = [
    'enrolments_persistently_absent', 'enrolments_severely_absent', 'dfe_enrolments',
    'dfe_enrolments_persistently_absent', 'dfe_enrolments_severely_absent'
] %}
{%- set sums = [
    'sessions_expected', 'sessions_unknown', 'sessions_possible', 'sessions_absent', 'sessions_authorised',
    'sessions_unauthorised', 'enrolments'
] + tallies %}
with group_schools as (
    select * from {{ ref('int_group_schools') }}
),

areas as (
    select * from {{ ref('int_school_areas') }}
),

by_period as (
    select
        areas.area_type,
        areas.area,
        group_schools.dimension,
        group_schools.group_name,
        group_schools.academic_year,
        group_schools.period_type,
        group_schools.period_name,
        {% for sum in sums -%}
            sum(group_schools.{{ sum }})::integer as {{ sum }},
        {% endfor -%}
        count(*)::integer as schools
    from group_schools
    inner join areas on group_schools.urn = areas.urn
    group by 1, 2, 3, 4, 5, 6, 7
),

weekly as (
    select
        case when weeks.area = 'City' then 'city' else 'phase' end as area_type,
        weeks.area,
        weeks.dimension,
        weeks.group_name,
        weeks.academic_year,
        'week' as period_type,
        weeks.week_start::text as period_name,
        {% for sum in sums -%}
            {{ 'null::integer' if sum in tallies else 'weeks.' ~ sum }} as {{ sum }},
        {% endfor -%}
        years.schools
    from {{ ref('int_group_weeks') }} as weeks
    inner join by_period as years
        on
            weeks.area = years.area
            and years.area_type in ('city', 'phase')
            and weeks.dimension = years.dimension
            and weeks.group_name = years.group_name
            and weeks.academic_year = years.academic_year
            and years.period_type = 'year'
),

summed as (
    select * from by_period
    union all
    select * from weekly
)

select
    area_type,
    area,
    dimension,
    group_name,
    academic_year,
    period_type,
    period_name,
    schools,
    {{ sums | join(',\n    ') }},
    {{ rate('sessions_absent', 'sessions_possible') }} as absence_rate,
    {{ rate('sessions_unauthorised', 'sessions_possible') }} as unauthorised_rate,
    {{ rate('enrolments_persistently_absent', 'enrolments') }} as persistent_rate,
    {{ rate('enrolments_severely_absent', 'enrolments') }} as severe_rate,
    {{ rate('dfe_enrolments_persistently_absent', 'dfe_enrolments') }} as dfe_persistent_rate,
    {{ rate('dfe_enrolments_severely_absent', 'dfe_enrolments') }} as dfe_severe_rate,
    {{ rate('(sessions_expected - sessions_unknown)', 'sessions_expected') }} as coverage_rate
from summed
