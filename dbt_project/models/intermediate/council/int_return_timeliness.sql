-- One row per return that a register asks for, beside the one that the council had: in time, late or missing.
with expected as (
    select * from {{ ref('int_expected_returns') }}
),

returns as (
    {{ council_rows('school_returns') }}
),

today as (
    select * from {{ ref('util_today') }}
),

-- the nearest return of the same child, school and kind; of two equally near, the one that came first
received as (
    select distinct on (expected.return_type, expected.enrolment_id, expected.event_date)
        expected.return_type,
        expected.enrolment_id,
        expected.event_date,
        returns.returned_date
    from expected
    cross join today
    inner join returns
        on
            expected.person_id = returns.person_id
            and expected.urn = returns.urn
            and expected.return_type = returns.return_type
            and abs(expected.event_date - returns.event_date) <= {{ var('return_match_days') }}
            and today.as_at >= returns.returned_date
    order by
        expected.return_type asc, expected.enrolment_id asc, expected.event_date asc,
        abs(expected.event_date - returns.event_date) asc, returns.returned_date asc
)

select
    expected.return_type,
    expected.enrolment_id,
    expected.person_id,
    expected.urn,
    expected.destination_urn,
    expected.removal_ground,
    expected.event_date,
    expected.due_date,
    received.returned_date,
    case
        when received.returned_date <= expected.due_date then 'on time'
        when received.returned_date is not null then 'late'
        when expected.due_date < today.as_at then 'missing'
        else 'not yet due'
    end as timeliness,
    greatest(coalesce(received.returned_date, today.as_at) - expected.due_date, 0) as days_late
from expected
cross join today
left join received
    on
        expected.return_type = received.return_type
        and expected.enrolment_id = received.enrolment_id
        and expected.event_date = received.event_date
