-- One row per week and period that it counts in: itself, its month, term, half term and academic year.
-- A week belongs to the last period that has begun by its Friday, so none is counted twice and none is lost.
with periods as (
    select * from {{ ref('stg_city__periods') }}
),

years as (
    select * from periods
    where period_type = 'year'
),

weeks as (
    select distinct on (weeks.week_start)
        weeks.week_start::date as week_start,
        years.academic_year,
        years.first_day as year_first_day
    from years
    cross join
        generate_series(
            {{ week_start('years.first_day') }}, {{ week_start('years.last_day') }}, interval '7 days'
        ) as weeks (week_start)
    where weeks.week_start::date + 4 >= years.first_day
    order by weeks.week_start asc, years.first_day desc
),

weeks_in_periods as (
    select distinct on (weeks.week_start, periods.period_type)
        weeks.week_start,
        weeks.academic_year,
        periods.period_type,
        periods.period_name,
        weeks.year_first_day,
        periods.last_day = max(periods.last_day) over (
            partition by periods.academic_year, periods.period_type
        ) as is_last_of_year
    from weeks
    inner join periods on weeks.academic_year = periods.academic_year
    where weeks.week_start + 4 >= periods.first_day
    order by weeks.week_start asc, periods.period_type asc, periods.first_day desc
),

every_membership as (
    select * from weeks_in_periods
    union all
    select
        week_start,
        academic_year,
        'week' as period_type,
        week_start::text as period_name,
        year_first_day,
        false as is_last_of_year
    from weeks
    union all
    select
        week_start,
        academic_year,
        'month' as period_type,
        to_char(week_start + 4, 'YYYY-MM') as period_name,
        year_first_day,
        false as is_last_of_year
    from weeks
)

select * from every_membership
