-- One row per enrolment with a known session in this academic year: its days by weekday, beside breaks, at the start.
-- What was possible is what is known, in one pass over the weeks, less the few sessions that were not possible.
-- Joined in the order written, each look-up hashed: the planner would hash or sort the million weeks instead.
{{ config(
    sql_header="set local work_mem = '128MB'; set local join_collapse_limit = 1; set local enable_mergejoin = off;"
) }}
with enrolments as (
    select
        enrolment_id,
        urn
    from {{ ref('int_enrolments_current') }}
),

masks as (
    select * from {{ ref('util_week_masks') }}
),

school_weeks as (
    select * from {{ ref('int_school_week_edges') }}
),

known as (
    select
        weeks.enrolment_id,
        sum(masks.packed)::bigint as packed,
        sum(
            case
                when school_weeks.break_sessions > 0
                    then {{ count_days('weeks.known_sessions & school_weeks.break_sessions') }}
            end
        ) as break_days,
        sum(
            case
                when school_weeks.first_sessions > 0
                    then {{ count_sessions('weeks.known_sessions & school_weeks.first_sessions') }}
            end
        ) as first_sessions,
        sum(weeks.sessions_late_before)::integer as sessions_late_before,
        sum(weeks.sessions_late_after)::integer as sessions_late_after,
        sum(weeks.sessions_attended)::integer as sessions_attended,
        sum(weeks.sessions_unknown)::integer as sessions_unknown
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join masks on weeks.known_sessions = masks.mask
    inner join enrolments on weeks.enrolment_id = enrolments.enrolment_id
    inner join school_weeks on enrolments.urn = school_weeks.urn and weeks.week_start = school_weeks.week_start
    where weeks.week_start >= {{ academic_year_start() }} - 6
    group by weeks.enrolment_id
),

exceptional as (
    select
        weeks.*,
        enrolments.urn
    from {{ ref('int_pattern_weeks') }} as weeks
    inner join enrolments on weeks.enrolment_id = enrolments.enrolment_id
    where weeks.week_start >= {{ academic_year_start() }} - 6
),

not_possible as (
    select
        weeks.enrolment_id,
        sum(known_masks.packed - possible_masks.packed)::bigint as packed,
        sum(
            {{ count_days('weeks.known_sessions & school_weeks.break_sessions') }}
            - {{ count_days('weeks.possible_sessions & school_weeks.break_sessions') }}
        ) as break_days,
        sum(
            {{ count_sessions('weeks.known_sessions & ~weeks.possible_sessions & school_weeks.first_sessions') }}
        ) as first_sessions
    from exceptional as weeks
    inner join masks as known_masks on weeks.known_sessions = known_masks.mask
    inner join masks as possible_masks on weeks.possible_sessions = possible_masks.mask
    inner join school_weeks on weeks.urn = school_weeks.urn and weeks.week_start = school_weeks.week_start
    where weeks.possible_sessions <> weeks.known_sessions
    group by weeks.enrolment_id
),

-- a half day counts where the other half was attended
absent as (
    select
        weeks.enrolment_id,
        sum(masks.packed)::bigint as packed,
        sum({{ count_days('weeks.absent_sessions & school_weeks.break_sessions') }}) as break_days,
        sum({{ count_sessions('weeks.absent_sessions & school_weeks.first_sessions') }}) as first_sessions,
        sum({{ count_sessions(
            'weeks.absent_sessions & 341 & ~(weeks.absent_sessions >> 1) & (weeks.possible_sessions >> 1)'
        ) }})::integer as morning_only_days,
        sum({{ count_sessions(
            'weeks.absent_sessions & 682 & ~(weeks.absent_sessions << 1) & (weeks.possible_sessions << 1)'
        ) }})::integer as afternoon_only_days
    from exceptional as weeks
    inner join masks on weeks.absent_sessions = masks.mask
    inner join school_weeks on weeks.urn = school_weeks.urn and weeks.week_start = school_weeks.week_start
    where weeks.absent_sessions <> 0
    group by weeks.enrolment_id
),

break_counts as (
    select
        weeks.enrolment_id,
        count(distinct edges.break_no + (not edges.is_after_break)::integer)::integer as breaks_absent
    from exceptional as weeks
    inner join {{ ref('int_school_day_edges') }} as edges
        on
            weeks.urn = edges.urn
            and weeks.week_start = edges.week_start
            and (edges.is_after_break or edges.is_before_break)
    where weeks.absent_sessions & (3 << (2 * (edges.session_date - edges.week_start))) <> 0
    group by weeks.enrolment_id
)

select
    known.enrolment_id,
    {% for day in ['mondays', 'tuesdays', 'wednesdays', 'thursdays', 'fridays'] -%}
        (coalesce(absent.packed, 0) >> {{ 8 * loop.index0 }} & 255)::integer as {{ day }}_absent,
        ((known.packed - coalesce(not_possible.packed, 0)) >> {{ 8 * loop.index0 }} & 255)::integer
            as {{ day }}_possible,
    {% endfor -%}
    {% for half, place in [('mornings', 40), ('afternoons', 50)] -%}
        (coalesce(absent.packed, 0) >> {{ place }} & 1023)::integer as {{ half }}_absent,
        ((known.packed - coalesce(not_possible.packed, 0)) >> {{ place }} & 1023)::integer as {{ half }}_possible,
    {% endfor -%}
    coalesce(absent.morning_only_days, 0) as morning_only_days,
    coalesce(absent.afternoon_only_days, 0) as afternoon_only_days,
    coalesce(absent.break_days, 0)::integer as break_days_absent,
    (coalesce(known.break_days, 0) - coalesce(not_possible.break_days, 0))::integer as break_days_possible,
    coalesce(break_counts.breaks_absent, 0) as breaks_absent,
    coalesce(absent.first_sessions, 0)::integer as first_ten_days_absent,
    (coalesce(known.first_sessions, 0) - coalesce(not_possible.first_sessions, 0))::integer as first_ten_days_possible,
    known.sessions_late_before,
    known.sessions_late_after,
    known.sessions_attended,
    known.sessions_unknown
from known
left join not_possible on known.enrolment_id = not_possible.enrolment_id
left join absent on known.enrolment_id = absent.enrolment_id
left join break_counts on known.enrolment_id = break_counts.enrolment_id
