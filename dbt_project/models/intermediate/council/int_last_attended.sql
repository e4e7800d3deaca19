-- One row per child on a roll that attended nowhere for a while: its last attended day at any school of the city.
-- Exact to the session: known sessions of the last attended week, less those marked with anything but attendance.
with today as (
    select * from {{ ref('util_today') }}
),

on_roll as (
    select
        person_id,
        min(entry_date) as entry_date
    from {{ ref('int_enrolments_current') }}
    where is_on_roll
    group by person_id
),

last_weeks as (
    select
        enrolments.person_id,
        max(weeks.week_start) as week_start
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join {{ ref('int_enrolments_current') }} as enrolments on weeks.enrolment_id = enrolments.enrolment_id
    where weeks.sessions_attended > 0
    group by enrolments.person_id
),

away as (
    select
        on_roll.person_id,
        on_roll.entry_date,
        last_weeks.week_start
    from on_roll
    cross join today
    left join last_weeks on on_roll.person_id = last_weeks.person_id
    where coalesce(last_weeks.week_start, '-infinity') < today.week_start
),

last_days as (
    select
        away.person_id,
        max(away.week_start + days.day_no) as last_attended_date
    from away
    inner join {{ ref('int_enrolments_current') }} as enrolments on away.person_id = enrolments.person_id
    inner join {{ ref('int_enrolment_weeks') }} as weeks
        on
            enrolments.enrolment_id = weeks.enrolment_id
            and away.week_start = weeks.week_start
            and weeks.sessions_attended > 0
    left join lateral (
        select bit_or({{ session_bit('exceptional.session_date', 'exceptional.half') }}) as not_attended
        from {{ ref('int_exceptional_sessions') }} as exceptional
        inner join {{ ref('attendance_codes') }} as codes on exceptional.code = codes.code and not codes.is_attending
        where
            exceptional.enrolment_id = weeks.enrolment_id
            and exceptional.week_start = weeks.week_start
    ) as marks on true
    cross join generate_series(0, 6) as days (day_no)
    where
        weeks.known_sessions & ~coalesce(marks.not_attended, 0)
        & {{ days_of_week('days.day_no', 'days.day_no') }} > 0
    group by away.person_id
)

select
    away.person_id,
    away.entry_date,
    last_days.last_attended_date
from away
left join last_days on away.person_id = last_days.person_id
