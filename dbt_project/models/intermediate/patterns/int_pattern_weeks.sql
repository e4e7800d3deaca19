-- One row per enrolment and week with a session absent or not possible: which ones, as bit masks.
-- depends_on: {{ ref('stg_register__touched_weeks') }}
{{ config(sql_header="set local work_mem = '128MB';") }}
{%- set as_at = "date '" ~ var('as_at') ~ "'" %}

with enrolments as (
    select enrolment_id from {{ ref('int_enrolments_current') }}
),

codes as (
    select
        code,
        is_absence,
        not is_possible as is_not_possible
    from {{ ref('attendance_codes') }}
    where is_absence or not is_possible
),

build as (
    select coalesce(max(extract_id), 0) as extract_id from {{ ref('stg_register__extracts') }}
    where known_at <= {{ known_at() }}
),

{% if is_incremental() -%}
    {{ affected_weeks(as_at) }}
{%- endif %}

exceptional as (
    select
        sessions.enrolment_id,
        sessions.week_start,
        bit_or({{ session_bit('sessions.session_date', 'sessions.half') }}) filter (where codes.is_absence)
            as absent_sessions,
        bit_or({{ session_bit('sessions.session_date', 'sessions.half') }}) filter (where codes.is_not_possible)
            as not_possible_sessions
    {{ known_weeks(ref('int_exceptional_sessions'), 'sessions') }}
    inner join codes on sessions.code = codes.code
    group by sessions.enrolment_id, sessions.week_start
),

weeks as (
    select
        exceptional.enrolment_id,
        exceptional.week_start,
        weeks.known_sessions,
        (weeks.known_sessions & ~coalesce(exceptional.not_possible_sessions, 0))::smallint as possible_sessions,
        (weeks.known_sessions & coalesce(exceptional.absent_sessions, 0))::smallint as absent_sessions
    {{ known_weeks(ref('int_enrolment_weeks'), 'weeks') }}
    inner join exceptional
        on weeks.enrolment_id = exceptional.enrolment_id and weeks.week_start = exceptional.week_start
    where weeks.known_sessions <> 0
    {% if is_incremental() -%}
        union all
        -- a place for each affected week, so that the ones without a row lose theirs too
        select
            affected.enrolment_id,
            affected.week_start,
            0::smallint as known_sessions,
            0::smallint as possible_sessions,
            0::smallint as absent_sessions
        from affected
    {%- endif %}
)

select
    weeks.*,
    {{ as_at }} as built_as_at,
    build.extract_id as built_extract_id
from weeks
cross join build
