-- One row per school and age in school days: known marks that changed their class at that age, or were withdrawn.
-- Of the days whose register came on the day itself, as the sessions that int_settlement lays beside them.
-- Read from the versions that are closed: few, and in a partition of their own.
with codes as (
    select
        code,
        is_possible,
        is_absence,
        authorisation
    from {{ ref('attendance_codes') }}
),

closed as (
    select
        enrolment_id,
        session_date,
        half,
        code,
        known_to
    from {{ ref('stg_register__marks') }}
    where not is_current and known_to <= {{ known_at() }} and session_date <= date '{{ var("as_at") }}'
),

changed as (
    select
        enrolments.urn,
        closed.session_date,
        closed.half,
        (closed.known_to at time zone 'Europe/London')::date as changed_on
    from closed
    inner join {{ ref('int_enrolments_current') }} as enrolments on closed.enrolment_id = enrolments.enrolment_id
    inner join {{ ref('stg_ops__school_nights') }} as nights
        on enrolments.urn = nights.urn and closed.session_date = nights.night and nights.status = 'in'
    inner join codes as old on closed.code = old.code
    left join lateral (
        select successor.code
        from {{ ref('stg_register__marks') }} as successor
        where
            successor.enrolment_id = closed.enrolment_id
            and successor.session_date = closed.session_date
            and successor.half = closed.half
            and successor.known_from = closed.known_to
    ) as later on true
    left join codes as new on later.code = new.code
    where
        (old.is_possible, old.is_absence, old.authorisation)
        is distinct from (new.is_possible, new.is_absence, new.authorisation)
)

select
    changed.urn,
    later_days.school_day_no - sessions.school_day_no as age_school_days,
    count(*)::integer as changes
from changed
inner join {{ ref('int_school_sessions') }} as sessions
    on changed.urn = sessions.urn and changed.session_date = sessions.session_date and changed.half = sessions.half
inner join lateral (
    select max(days.school_day_no) as school_day_no
    from {{ ref('int_school_sessions') }} as days
    where days.urn = changed.urn and days.session_date <= changed.changed_on
) as later_days on true
group by 1, 2
