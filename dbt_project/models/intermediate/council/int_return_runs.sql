-- One row per unbroken run of absence that asks for a return: ten school days of G, N, O or U, or fifteen of I.
-- Sessions that were not possible neither break a run nor lengthen it; an unknown session breaks it.
-- Few enrolments have so many sessions at all: only theirs are put in order.
with candidates as (
    select exceptional.enrolment_id
    from {{ ref('int_exceptional_sessions') }} as exceptional
    inner join {{ ref('attendance_codes') }} as codes on exceptional.code = codes.code
    where codes.counts_for_10_day_return or codes.counts_for_sickness_return
    group by exceptional.enrolment_id
    having
        count(*) filter (where codes.counts_for_10_day_return) >= 2 * {{ var('attendance_return_school_days') }}
        or count(*) filter (where codes.counts_for_sickness_return) >= 2 * {{ var('sickness_return_days') }}
),

sessions as (
    select
        exceptional.enrolment_id,
        enrolments.urn,
        exceptional.session_date,
        school.session_no,
        not codes.is_possible as is_neutral,
        codes.counts_for_10_day_return,
        codes.counts_for_sickness_return
    from {{ ref('int_exceptional_sessions') }} as exceptional
    inner join candidates on exceptional.enrolment_id = candidates.enrolment_id
    inner join {{ ref('attendance_codes') }} as codes on exceptional.code = codes.code
    inner join {{ ref('int_enrolments_current') }} as enrolments on exceptional.enrolment_id = enrolments.enrolment_id
    inner join {{ ref('int_school_sessions') }} as school
        on
            enrolments.urn = school.urn
            and exceptional.session_date = school.session_date
            and exceptional.half = school.half
    where
        (codes.counts_for_10_day_return or codes.counts_for_sickness_return or not codes.is_possible)
        and exceptional.session_date between enrolments.compulsory_from and enrolments.compulsory_until
),

kinds as (
    {% for kind, flag, days in [
        ('attendance', 'counts_for_10_day_return', var('attendance_return_school_days')),
        ('sickness', 'counts_for_sickness_return', var('sickness_return_days'))
    ] -%}
        select
            '{{ kind }}' as return_type,
            2 * {{ days }} as least_sessions,
            enrolment_id,
            session_date,
            is_neutral,
            session_no - row_number() over (partition by enrolment_id order by session_no) as island
        from sessions
        where {{ flag }} or is_neutral
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

runs as (
    select
        return_type,
        least_sessions,
        enrolment_id,
        island,
        min(session_date) as event_date,
        max(session_date) as last_date,
        count(*)::integer as sessions
    from kinds
    where not is_neutral
    group by return_type, least_sessions, enrolment_id, island
    having count(*) >= least_sessions
),

-- only the sessions of runs that are long enough are numbered
placed as (
    select
        runs.*,
        kinds.session_date,
        row_number() over (
            partition by runs.return_type, runs.enrolment_id, runs.island order by kinds.session_date
        ) as place
    from runs
    inner join kinds
        on
            runs.return_type = kinds.return_type
            and runs.enrolment_id = kinds.enrolment_id
            and runs.island = kinds.island
            and not kinds.is_neutral
)

select
    return_type,
    enrolment_id,
    event_date,
    session_date as reached_date,
    last_date,
    sessions
from placed
where place = least_sessions
