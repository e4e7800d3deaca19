-- Claim:   counting the year's marks by code gives the same possible sessions as counting them by week.
-- Matters: the two are counted on different ways through the register; a nightly step that missed a week shows here.
-- Remedy:  rebuild the weeks from nothing (dbt build --full-refresh) and look for loads that did not note their weeks.
with by_code as (
    select
        code_counts.urn,
        sum(code_counts.sessions) filter (where codes.is_possible) as sessions_possible
    from {{ ref('int_code_counts') }} as code_counts
    inner join {{ ref('attendance_codes') }} as codes on code_counts.code = codes.code
    group by code_counts.urn
),

by_week as (
    select
        absence.urn,
        sum(absence.sessions_possible) as sessions_possible
    from {{ ref('agg_school_absence') }} as absence
    where
        absence.period_type = 'year'
        and absence.academic_year = (
            select max(weeks.academic_year)
            from {{ ref('int_weeks') }} as weeks
            inner join {{ ref('util_today') }} as today on weeks.year_first_day <= today.as_at
        )
    group by absence.urn
)

select
    urn,
    by_code.sessions_possible as by_code,
    by_week.sessions_possible as by_week
from by_code
full outer join by_week using (urn)
where coalesce(by_code.sessions_possible, 0) <> coalesce(by_week.sessions_possible, 0)
