-- One row per school, session and night's knowledge: how many were due, how many are known, how many say "closed".
-- Evidence for and against the declared calendar; it is listed for confirmation and changes nothing by itself.
with masks as (
    select * from {{ ref('int_school_masks') }}
),

halves as (
    select
        bits.bit_no,
        1 << bits.bit_no as bit
    from generate_series(0, 13) as bits (bit_no)
),

counted as (
    select
        masks.urn,
        masks.week_start + halves.bit_no / 2 as session_date,
        (halves.bit_no % 2 + 1)::smallint as half,
        sum(masks.enrolments) filter (where masks.due_sessions::integer & halves.bit > 0) as due,
        sum(masks.enrolments) filter (where masks.known_sessions::integer & halves.bit > 0) as known,
        sum(masks.enrolments) as roll
    from masks
    cross join halves
    where (masks.due_sessions | masks.known_sessions)::integer & halves.bit > 0
    group by 1, 2, 3
),

closures as (
    select
        enrolments.urn,
        sessions.session_date,
        sessions.half,
        count(*) as closed
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('attendance_codes') }} as codes on sessions.code = codes.code and codes.is_whole_school_closure
    inner join {{ ref('int_enrolments_current') }} as enrolments on sessions.enrolment_id = enrolments.enrolment_id
    group by 1, 2, 3
),

rolls as (
    select
        urn,
        week_start,
        sum(enrolments) as roll
    from masks
    group by urn, week_start
)

select
    counted.urn,
    counted.session_date,
    counted.half,
    {{ week_start('counted.session_date') }} as week_start,
    rolls.roll::integer as roll,
    coalesce(counted.due, 0)::integer as due,
    coalesce(counted.known, 0)::integer as known,
    coalesce(closures.closed, 0)::integer as closed
from counted
inner join rolls
    on counted.urn = rolls.urn and {{ week_start('counted.session_date') }} = rolls.week_start
left join closures
    on
        counted.urn = closures.urn
        and counted.session_date = closures.session_date
        and counted.half = closures.half
