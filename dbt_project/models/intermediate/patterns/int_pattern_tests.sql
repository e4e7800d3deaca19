-- One row per enrolment and kind of day that stands out by its size: is chance alone a good enough explanation?
-- Exact, in whole numbers: of all ways to place the absent days, how many have as many on days of the kind.
with counts as (
    select * from {{ ref('int_pattern_counts') }}
),

totals as (
    select
        enrolment_id,
        mondays_possible + tuesdays_possible + wednesdays_possible + thursdays_possible + fridays_possible
            as days_possible,
        mondays_absent + tuesdays_absent + wednesdays_absent + thursdays_absent + fridays_absent as days_absent
    from counts
),

kinds as (
    {% for day in ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] -%}
        select
            enrolment_id,
            {{ loop.index }} as kind_no,
            '{{ day }}' as kind,
            {{ day }}s_possible as kind_possible,
            {{ day }}s_absent as kind_absent
        from counts
        where {{ day }}s_absent >= {{ var('pattern_min_absent_days') }}
        union all
    {% endfor -%}
    select
        enrolment_id,
        6 as kind_no,
        'beside_breaks' as kind,
        break_days_possible as kind_possible,
        break_days_absent as kind_absent
    from counts
    where break_days_absent >= {{ var('pattern_min_absent_days') }} and breaks_absent >= {{ var('pattern_min_breaks') }}
),

-- at least twice the child's own rate on its other days
standing_out as materialized (
    select
        kinds.*,
        totals.days_possible,
        totals.days_absent
    from kinds
    inner join totals on kinds.enrolment_id = totals.enrolment_id
    where
        kinds.kind_possible >= {{ var('pattern_min_days') }}
        and kinds.kind_absent * (totals.days_possible - kinds.kind_possible)
        >= 2 * (totals.days_absent - kinds.kind_absent) * kinds.kind_possible
),

ways as (
    select
        standing_out.enrolment_id,
        standing_out.kind_no,
        sum(on_kind.ways * elsewhere.ways) as ways_as_extreme
    from standing_out
    inner join {{ ref('util_binomials') }} as on_kind
        on
            standing_out.kind_possible = on_kind.n
            and on_kind.k between standing_out.kind_absent and least(
                standing_out.kind_possible, standing_out.days_absent
            )
    inner join {{ ref('util_binomials') }} as elsewhere
        on
            standing_out.days_possible - standing_out.kind_possible = elsewhere.n
            and standing_out.days_absent - on_kind.k = elsewhere.k
    group by standing_out.enrolment_id, standing_out.kind_no
),

day_tests as (
    select
        standing_out.*,
        ways.ways_as_extreme * 1000000 <= {{ var('pattern_chance_per_million') }} * every_way.ways as is_pattern
    from standing_out
    inner join ways on standing_out.enrolment_id = ways.enrolment_id and standing_out.kind_no = ways.kind_no
    inner join {{ ref('util_binomials') }} as every_way
        on standing_out.days_possible = every_way.n and standing_out.days_absent = every_way.k
),

-- of the days on which one half alone was missed: the tail of a fair coin
half_tests as (
    select
        counts.enrolment_id,
        greatest(counts.morning_only_days, counts.afternoon_only_days) as kind_absent,
        counts.morning_only_days + counts.afternoon_only_days as half_days,
        case when counts.morning_only_days >= counts.afternoon_only_days then 7 else 8 end as kind_no,
        case when counts.morning_only_days >= counts.afternoon_only_days then 'mornings' else 'afternoons' end as kind,
        sum(tail.ways) * 1000000
        <= {{ var('pattern_chance_per_million') }}
        * power(2::numeric, counts.morning_only_days + counts.afternoon_only_days) as is_pattern
    from counts
    inner join {{ ref('util_binomials') }} as tail
        on
            counts.morning_only_days + counts.afternoon_only_days = tail.n
            and tail.k >= greatest(counts.morning_only_days, counts.afternoon_only_days)
    where
        greatest(counts.morning_only_days, counts.afternoon_only_days) >= {{ var('pattern_min_absent_days') }}
        and greatest(counts.morning_only_days, counts.afternoon_only_days)
        >= 2 * least(counts.morning_only_days, counts.afternoon_only_days)
    group by counts.enrolment_id, counts.morning_only_days, counts.afternoon_only_days
)

select
    enrolment_id,
    kind_no,
    kind,
    kind_possible,
    kind_absent,
    days_possible,
    days_absent,
    is_pattern
from day_tests
union all
select
    enrolment_id,
    kind_no,
    kind,
    half_days as kind_possible,
    kind_absent,
    half_days as days_possible,
    half_days as days_absent,
    is_pattern
from half_tests
