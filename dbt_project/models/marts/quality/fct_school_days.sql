-- One row per school and day with an expected session, up to the night: how much of the day is known.
select
    days.urn,
    days.session_date,
    days.is_declared,
    days.sessions_expected,
    days.sessions_known,
    days.sessions_expected - days.sessions_known as sessions_unknown,
    {{ rate('days.sessions_known', 'days.sessions_expected') }} as coverage_rate
from {{ ref('int_school_days') }} as days
inner join {{ ref('util_today') }} as today on days.session_date <= today.as_at
