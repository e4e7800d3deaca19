-- One row per area of schools, phase, measure and area that DfE published: year to date beside the published figure.
-- Counted as DfE counts: the daily series without the last half term at fifteen, the census besides without those who
-- joined in it and schools of a handful.
{%- set sums = [
    'possible', 'absent', 'authorised', 'unauthorised', 'enrolments', 'persistent', 'census_enrolments', 'severe'
] %}
{%- set measures = [
    ('overall', 'absent', 'possible'), ('authorised', 'authorised', 'possible'),
    ('unauthorised', 'unauthorised', 'possible'), ('persistent', 'persistent', 'enrolments'),
    ('severe', 'severe', 'census_enrolments')
] %}
with today as (
    select max(weeks.academic_year) as academic_year
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
),

daily as (
    select
        half_terms.urn,
        half_terms.dfe_phase,
        half_terms.enrolment_id,
        sum(half_terms.sessions_possible)::integer as possible,
        sum(half_terms.sessions_absent)::integer as absent,
        sum(half_terms.sessions_authorised)::integer as authorised,
        sum(half_terms.sessions_unauthorised)::integer as unauthorised
    from {{ ref('int_enrolment_half_terms') }} as half_terms
    inner join today on half_terms.academic_year = today.academic_year
    where half_terms.is_dfe_cohort and not half_terms.is_study_leave
    group by half_terms.urn, half_terms.dfe_phase, half_terms.enrolment_id
),

census as (
    select
        periods.enrolment_id,
        periods.dfe_sessions_possible,
        periods.dfe_sessions_absent
    from {{ ref('int_enrolment_periods') }} as periods
    inner join today on periods.academic_year = today.academic_year
    where periods.period_type = 'year'
),

schools as (
    select
        daily.urn,
        daily.dfe_phase,
        sum(daily.possible)::integer as possible,
        sum(daily.absent)::integer as absent,
        sum(daily.authorised)::integer as authorised,
        sum(daily.unauthorised)::integer as unauthorised,
        count(*) filter (where daily.possible > 0)::integer as enrolments,
        count(*) filter (where {{ is_persistently_absent('daily.absent', 'daily.possible') }})::integer as persistent,
        count(*) filter (where census.dfe_sessions_possible > 0)::integer as census_enrolments,
        count(*) filter (
            where {{ is_severely_absent('census.dfe_sessions_absent', 'census.dfe_sessions_possible') }}
        )::integer as severe
    from daily
    left join census on daily.enrolment_id = census.enrolment_id
    group by daily.urn, daily.dfe_phase
),

-- of the city all phases together too; elsewhere the mix of phases is not that of any published area
summed as (
    select
        areas.area_type,
        areas.area,
        coalesce(schools.dfe_phase, 'Total') as dfe_phase,
        {% for sum in sums -%}
            sum(schools.{{ sum }})::integer as {{ sum }},
        {% endfor -%}
        count(*) filter (where schools.enrolments > 0)::integer as schools
    from schools
    inner join {{ ref('int_school_areas') }} as areas on schools.urn = areas.urn
    group by areas.area_type, areas.area, grouping sets ((schools.dfe_phase), ())
    having grouping(schools.dfe_phase) = 0 or areas.area_type = 'city'
),

measured as (
    select
        summed.area_type,
        summed.area,
        summed.dfe_phase,
        summed.schools,
        measures.*
    from summed
    cross join lateral (
        values
        {% for measure, above, below in measures -%}
            ('{{ measure }}', summed.{{ above }}, summed.{{ below }}){{ ',' if not loop.last }}
        {% endfor %}
    ) as measures (measure, numerator, denominator)
),

-- the newest year that was published, of this academic year or before it
published as (
    select distinct on (benchmarks.area, benchmarks.dfe_phase, benchmarks.measure)
        benchmarks.*,
        today.academic_year as year_to_date
    from {{ ref('dim_dfe_benchmarks') }} as benchmarks
    inner join today on benchmarks.academic_year <= today.academic_year
    order by
        benchmarks.area asc, benchmarks.dfe_phase asc, benchmarks.measure asc, benchmarks.academic_year desc
)

select
    measured.area_type,
    measured.area,
    measured.dfe_phase,
    measured.measure,
    published.area as published_area,
    published.year_to_date as academic_year,
    measured.schools,
    measured.numerator,
    measured.denominator,
    {{ rate('measured.numerator', 'measured.denominator') }} as rate,
    published.value_pct as published_pct,
    published.academic_year as published_year,
    published.source as published_source,
    series.series,
    (100 * {{ rate('measured.numerator', 'measured.denominator') }} - published.value_pct)::numeric(8, 5)
        as difference_points,
    published.academic_year = published.year_to_date as is_same_year,
    series.is_same_definition,
    series.differs_by
from measured
inner join published on measured.dfe_phase = published.dfe_phase and measured.measure = published.measure
inner join {{ ref('published_series') }} as series on measured.measure = series.measure
