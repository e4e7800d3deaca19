-- One row per school and day with an expected session: how much of the day is known.
with masks as (
    select * from {{ ref('int_school_masks') }}
),

days as (
    select
        masks.urn,
        masks.week_start + days.day_no as session_date,
        masks.week_start,
        sum(masks.enrolments * {{ count_sessions(
            '(masks.due_sessions | masks.known_sessions) & ' ~ days_of_week('days.day_no', 'days.day_no')
        ) }})::integer as sessions_expected,
        sum(masks.enrolments * {{ count_sessions(
            'masks.known_sessions & ' ~ days_of_week('days.day_no', 'days.day_no')
        ) }})::integer as sessions_known,
        bool_or(masks.due_sessions & {{ days_of_week('days.day_no', 'days.day_no') }} > 0) as is_declared
    from masks
    cross join generate_series(0, 6) as days (day_no)
    group by 1, 2, 3
)

select * from days
where sessions_expected > 0
