-- One row per school and code: sessions of the academic year to date, as known.
-- Ordinary present marks are what the schools' masks know beyond the exceptional sessions: no mark is read again.
{{ config(sql_header="set local work_mem = '64MB';") }}
{%- set mornings = "x'1555'::integer" %}
with enrolments as not materialized (
    select
        enrolment_id,
        urn,
        dfe_phase
    from {{ ref('int_enrolments_current') }}
),

codes as (
    select
        code,
        category = 'administrative' as is_administrative,
        valid_from,
        valid_to
    from {{ ref('attendance_codes') }}
),

exceptional as not materialized (
    select * from {{ ref('int_exceptional_sessions') }}
    where session_date >= {{ academic_year_start() }}
),

exceptional_uses as (
    select
        enrolments.urn,
        enrolments.dfe_phase,
        exceptional.half,
        exceptional.code,
        count(*) as sessions,
        min(exceptional.session_date) as first_used,
        max(exceptional.session_date) as last_used
    from exceptional
    inner join enrolments on exceptional.enrolment_id = enrolments.enrolment_id
    group by 1, 2, 3, 4
),

-- materialized: closures are few, and the planner would look up the week of every exceptional session before it sees it
closures as materialized (
    select exceptional.* from exceptional
    inner join codes on exceptional.code = codes.code and codes.is_administrative
),

-- a closure marked where no session was declared is no session: such a mark is not among the known ones of its week
not_known as (
    select
        enrolments.urn,
        enrolments.dfe_phase,
        closures.half,
        closures.code,
        -count(*) as sessions
    from closures
    inner join enrolments on closures.enrolment_id = enrolments.enrolment_id
    left join {{ ref('int_enrolment_weeks') }} as weeks
        on closures.enrolment_id = weeks.enrolment_id and closures.week_start = weeks.week_start
    where
        coalesce(weeks.known_sessions::integer, 0)
        & {{ session_bit('closures.session_date', 'closures.half::integer') }} = 0
    group by 1, 2, 3, 4
),

marked as (
    select * from exceptional_uses
    union all
    select
        not_known.*,
        null as first_used,
        null as last_used
    from not_known
),

schools as (
    select distinct on (urn) * from enrolments
),

known_by_half as (
    select
        masks.urn,
        schools.dfe_phase,
        sum(masks.enrolments * {{ count_sessions('masks.known_sessions & ' ~ mornings) }}) as mornings,
        sum(masks.enrolments * {{ count_sessions('masks.known_sessions & (' ~ mornings ~ ' << 1)') }}) as afternoons
    from {{ ref('int_school_masks') }} as masks
    inner join schools on masks.urn = schools.urn
    where masks.week_start + 6 >= {{ academic_year_start() }}
    group by 1, 2
),

known as (
    select
        known_by_half.urn,
        known_by_half.dfe_phase,
        halves.half,
        halves.sessions
    from known_by_half
    cross join lateral (values (1, known_by_half.mornings), (2, known_by_half.afternoons)) as halves (half, sessions)
    union all
    select
        urn,
        dfe_phase,
        half,
        -sessions as sessions
    from marked
),

code_uses as (
    select
        urn,
        dfe_phase,
        code,
        sessions,
        first_used,
        last_used
    from marked
    union all
    select
        urn,
        dfe_phase,
        case half when 1 then '/' else '\' end as code,
        sessions,
        null as first_used,
        null as last_used
    from known
),

summed as (
    select
        urn,
        dfe_phase,
        code,
        sum(sessions)::integer as sessions,
        min(first_used) as first_used,
        max(last_used) as last_used
    from code_uses
    group by 1, 2, 3
)

select
    summed.urn,
    summed.dfe_phase,
    summed.code,
    summed.sessions,
    -- codes change between academic years: one used outside its dates is outside them all year
    case when summed.first_used < codes.valid_from or summed.last_used > codes.valid_to then summed.sessions else 0 end
        as sessions_withdrawn
from summed
inner join codes on summed.code = codes.code
where summed.sessions > 0
