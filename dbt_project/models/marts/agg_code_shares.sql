-- One row per phase, or the whole city, and code with at least one session: the academic year to date.
with code_counts as (
    select * from {{ ref('int_code_counts') }}
),

codes as (
    select * from {{ ref('attendance_codes') }}
),

years as (
    select max(weeks.academic_year) as academic_year
    from {{ ref('int_weeks') }} as weeks
    inner join {{ ref('util_today') }} as today on weeks.year_first_day <= today.as_at
),

sessions_by_code as (
    select
        case when grouping(code_counts.dfe_phase) = 1 then 'City' else code_counts.dfe_phase end as area,
        codes.code,
        codes.name as code_name,
        codes.category,
        codes.is_possible,
        sum(code_counts.sessions)::integer as sessions
    from code_counts
    inner join codes on code_counts.code = codes.code
    group by codes.code, codes.name, codes.category, codes.is_possible, grouping sets ((code_counts.dfe_phase), ())
),

shares as (
    select
        years.academic_year,
        sessions_by_code.area,
        sessions_by_code.code,
        sessions_by_code.code_name,
        sessions_by_code.category,
        sessions_by_code.is_possible,
        sessions_by_code.sessions,
        coalesce(sum(sessions_by_code.sessions) filter (where sessions_by_code.is_possible) over (
            partition by sessions_by_code.area
        ), 0)::integer as sessions_possible
    from sessions_by_code
    cross join years
)

select
    academic_year,
    area,
    code,
    code_name,
    category,
    sessions,
    sessions_possible,
    case when is_possible then {{ rate('sessions', 'sessions_possible') }} end as share_of_possible
from shares
where area is not null
