-- One row per pupil and span of weeks in which none of the pupil's dated statuses changed.
-- A status holds for a week if it held on the week's Friday; the first one known reaches back to the beginning.
-- Where the council has a dated stay of that child on that status, its dates decide and not the register's flag.
with care as (
    select * from {{ ref('int_care_statuses') }}
),

stated as (
    select distinct on (pupil_id, attribute, effective_from)
        pupil_id,
        attribute,
        value,
        effective_from
    from {{ ref('stg_register__pupil_statuses') }}
    -- not only the version that is open: what was so before stays so for its own weeks
    where known_from <= {{ known_at() }}
    order by pupil_id asc, attribute asc, effective_from asc, known_from desc
),

versions as (
    select
        stated.pupil_id,
        stated.attribute,
        stated.value,
        stated.effective_from
    from stated
    where
        not exists (
            select 1 from care
            where care.pupil_id = stated.pupil_id and care.attribute = stated.attribute
        )
    union all
    select
        pupil_id,
        attribute,
        value,
        effective_from
    from care
),

dated as (
    select
        pupil_id,
        attribute,
        value,
        effective_from,
        case
            when row_number() over (partition by pupil_id, attribute order by effective_from) = 1 then date '-infinity'
            else {{ week_start('effective_from + 2') }}
        end as first_week
    from versions
),

starts as (
    select
        pupil_id,
        first_week,
        row_number() over (partition by pupil_id order by first_week)::smallint as span_no,
        coalesce(lead(first_week) over (partition by pupil_id order by first_week), 'infinity') as end_week
    from (select distinct
        pupil_id,
        first_week
    from dated) as distinct_starts
),

held as (
    select distinct on (starts.pupil_id, starts.span_no, dated.attribute)
        starts.pupil_id,
        starts.span_no,
        starts.first_week,
        starts.end_week,
        dated.attribute,
        dated.value
    from starts
    inner join dated on starts.pupil_id = dated.pupil_id and starts.first_week >= dated.first_week
    order by starts.pupil_id asc, starts.span_no asc, dated.attribute asc, dated.effective_from desc
)

select
    pupil_id,
    span_no,
    first_week,
    end_week,
    max(value) filter (where attribute = 'fsm') as fsm,
    max(value) filter (where attribute = 'sen') as sen,
    max(value) filter (where attribute = 'eal') as eal,
    max(value) filter (where attribute = 'looked_after') as looked_after,
    max(value) filter (where attribute = 'cin') as cin,
    max(value) filter (where attribute = 'cp') as cp
from held
group by pupil_id, span_no, first_week, end_week
