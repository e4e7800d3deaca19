-- One row per census date and entry of DfE's collection (total, reason, duration, sex, year group): exact counts.
-- Rounding and suppression belong to whoever discloses them.
with census as (
    select * from {{ ref('int_cme_census') }}
),

passed as (
    select dates.*
    from {{ ref('cme_census_dates') }} as dates
    inner join {{ ref('util_today') }} as today on dates.census_date <= today.as_at
),

entries as (
    select
        'Total' as breakdown_topic,
        'Total' as breakdown
    union all
    select
        'Reason' as breakdown_topic,
        reasons.name as breakdown
    from {{ ref('cme_reasons') }} as reasons
    union all
    select
        topics.breakdown_topic,
        topics.breakdown
    from (
        values
        ('Duration', 'Less than 2 weeks'), ('Duration', '2 to 4 weeks'), ('Duration', '4 to 8 weeks'),
        ('Duration', '8 to 12 weeks'), ('Duration', '12 to 26 weeks'), ('Duration', '26 to 52 weeks'),
        ('Duration', 'Over 52 weeks'), ('Duration', 'Unknown'),
        ('Sex', 'Female'), ('Sex', 'Male'), ('Sex', 'Unknown'),
        ('Year group', 'Unknown'), ('Year group', 'Reception')
    ) as topics (breakdown_topic, breakdown)
    union all
    select
        'Year group' as breakdown_topic,
        'Year ' || years.year_no as breakdown
    from generate_series(1, 11) as years (year_no)
),

counted as (
    select
        census.census_date,
        topics.breakdown_topic,
        topics.breakdown,
        count(*)::integer as children
    from census
    cross join
        lateral (
            values
            ('Total', 'Total'),
            ('Reason', census.reason),
            ('Duration', census.duration),
            ('Sex', census.sex),
            ('Year group', census.year_group)
        ) as topics (breakdown_topic, breakdown)
    group by census.census_date, topics.breakdown_topic, topics.breakdown
)

select
    passed.academic_year,
    passed.term,
    passed.census_date,
    entries.breakdown_topic,
    entries.breakdown,
    coalesce(counted.children, 0) as children
from passed
cross join entries
left join counted
    on
        passed.census_date = counted.census_date
        and entries.breakdown_topic = counted.breakdown_topic
        and entries.breakdown = counted.breakdown
