-- One row per enrolment with a possible session in this academic year: its days by weekday, beside breaks, at the start.
{{ config(sql_header="set local work_mem = '128MB'; set local parallel_setup_cost = 0;") }}
with weeks as (
    select * from {{ ref('int_pattern_weeks') }}
),

enrolments as (
    select
        enrolment_id,
        urn
    from {{ ref('int_enrolments_current') }}
),

edges as (
    select * from {{ ref('int_school_day_edges') }}
    where session_date >= {{ academic_year_start() }}
),

possible as (
    select
        weeks.enrolment_id,
        sum(masks.packed)::bigint as packed,
        sum(weeks.sessions_unknown)::integer as sessions_unknown
    from weeks
    inner join {{ ref('util_week_masks') }} as masks on weeks.possible_sessions = masks.mask
    group by weeks.enrolment_id
),

-- a half day counts where the other half was attended
absent as (
    select
        weeks.enrolment_id,
        sum(masks.packed)::bigint as packed,
        sum({{ count_sessions(
            'weeks.absent_sessions & 341 & ~(weeks.absent_sessions >> 1) & (weeks.possible_sessions >> 1)'
        ) }})::integer as morning_only_days,
        sum({{ count_sessions(
            'weeks.absent_sessions & 682 & ~(weeks.absent_sessions << 1) & (weeks.possible_sessions << 1)'
        ) }})::integer as afternoon_only_days
    from weeks
    inner join {{ ref('util_week_masks') }} as masks on weeks.absent_sessions = masks.mask
    where weeks.absent_sessions <> 0
    group by weeks.enrolment_id
),

break_weeks as (
    select
        urn,
        break_no + (not is_after_break)::integer as break_no,
        week_start,
        bit_or(3 << (2 * (session_date - week_start))) as day_sessions
    from edges
    where is_after_break or is_before_break
    group by 1, 2, 3
),

breaks as (
    select
        weeks.enrolment_id,
        break_weeks.break_no,
        sum({{ count_days('weeks.possible_sessions & break_weeks.day_sessions') }}) as days_possible,
        sum({{ count_days('weeks.absent_sessions & break_weeks.day_sessions') }}) as days_absent
    from break_weeks
    inner join enrolments on break_weeks.urn = enrolments.urn
    inner join weeks on enrolments.enrolment_id = weeks.enrolment_id and break_weeks.week_start = weeks.week_start
    group by 1, 2
),

break_counts as (
    select
        enrolment_id,
        sum(days_possible)::integer as break_days_possible,
        sum(days_absent)::integer as break_days_absent,
        count(*) filter (where days_possible > 0)::integer as breaks,
        count(*) filter (where days_absent > 0)::integer as breaks_absent
    from breaks
    group by enrolment_id
),

first_weeks as (
    select
        urn,
        week_start,
        bit_or(3 << (2 * (session_date - week_start))) as day_sessions
    from edges
    where year_day_no <= 10
    group by 1, 2
),

first_counts as (
    select
        weeks.enrolment_id,
        sum({{ count_sessions('weeks.possible_sessions & first_weeks.day_sessions') }})::integer as first_possible,
        sum({{ count_sessions('weeks.absent_sessions & first_weeks.day_sessions') }})::integer as first_absent
    from first_weeks
    inner join enrolments on first_weeks.urn = enrolments.urn
    inner join weeks on enrolments.enrolment_id = weeks.enrolment_id and first_weeks.week_start = weeks.week_start
    group by weeks.enrolment_id
)

select
    possible.enrolment_id,
    {%- for day in ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] %}
    (possible.packed >> {{ 8 * loop.index0 }} & 255)::integer as {{ day }}s_possible,
    (coalesce(absent.packed, 0) >> {{ 8 * loop.index0 }} & 255)::integer as {{ day }}s_absent,
    {%- endfor %}
    (possible.packed >> 40 & 1023)::integer as mornings_possible,
    (coalesce(absent.packed, 0) >> 40 & 1023)::integer as mornings_absent,
    (possible.packed >> 50 & 1023)::integer as afternoons_possible,
    (coalesce(absent.packed, 0) >> 50 & 1023)::integer as afternoons_absent,
    coalesce(absent.morning_only_days, 0) as morning_only_days,
    coalesce(absent.afternoon_only_days, 0) as afternoon_only_days,
    coalesce(break_counts.break_days_possible, 0) as break_days_possible,
    coalesce(break_counts.break_days_absent, 0) as break_days_absent,
    coalesce(break_counts.breaks, 0) as breaks,
    coalesce(break_counts.breaks_absent, 0) as breaks_absent,
    coalesce(first_counts.first_possible, 0) as first_ten_days_possible,
    coalesce(first_counts.first_absent, 0) as first_ten_days_absent,
    possible.sessions_unknown
from possible
left join absent on possible.enrolment_id = absent.enrolment_id
left join break_counts on possible.enrolment_id = break_counts.enrolment_id
left join first_counts on possible.enrolment_id = first_counts.enrolment_id
