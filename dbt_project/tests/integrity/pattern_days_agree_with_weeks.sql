-- Claim:   mornings and afternoons of the patterns add up to the weeks' possible and absent sessions.
-- Matters: "absent on 9 of 11 Fridays" rests on bit masks, every rate on counters: they must never tell two stories.
-- Remedy:  look at the masks of int_enrolment_weeks and int_pattern_weeks of the enrolment named.
with from_weeks as (
    select
        enrolment_id,
        sum(sessions_possible) as sessions_possible,
        sum(sessions_absent) as sessions_absent
    from {{ ref('int_enrolment_weeks') }}
    where week_start + 6 >= {{ academic_year_start() }}
    group by enrolment_id
    -- the patterns leave weekends out
    having bit_or(known_sessions) < 1024
)

select patterns.enrolment_id
from {{ ref('fct_absence_patterns') }} as patterns
inner join from_weeks on patterns.enrolment_id = from_weeks.enrolment_id
where
    patterns.mornings_possible + patterns.afternoons_possible <> from_weeks.sessions_possible
    or patterns.mornings_absent + patterns.afternoons_absent <> from_weeks.sessions_absent
