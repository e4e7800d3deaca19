-- One row per school, year group and day of the first two weeks on which that group has no mark yet and others have.
with first_weeks as (
    select
        urn,
        academic_year,
        min(week_start) as first_week
    from {{ ref('int_school_sessions') }}
    group by urn, academic_year
),

group_weeks as (
    select
        enrolments.urn,
        enrolments.nc_year,
        first_weeks.academic_year,
        weeks.week_start,
        bit_or(weeks.due_sessions::integer) as due_sessions,
        bit_or(weeks.known_sessions::integer) as known_sessions,
        count(*)::integer as enrolments
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join {{ ref('int_enrolments_current') }} as enrolments on weeks.enrolment_id = enrolments.enrolment_id
    inner join first_weeks
        on
            enrolments.urn = first_weeks.urn
            and weeks.week_start >= first_weeks.first_week
            and weeks.week_start < first_weeks.first_week + 14
    where enrolments.nc_year is not null
    group by enrolments.urn, enrolments.nc_year, first_weeks.academic_year, weeks.week_start
),

group_days as (
    select
        group_weeks.urn,
        group_weeks.nc_year,
        group_weeks.academic_year,
        group_weeks.enrolments,
        group_weeks.week_start + days.day_no as session_date,
        group_weeks.due_sessions & {{ days_of_week('days.day_no', 'days.day_no') }} > 0 as is_due,
        group_weeks.known_sessions & {{ days_of_week('days.day_no', 'days.day_no') }} > 0 as is_known
    from group_weeks
    cross join generate_series(0, 6) as days (day_no)
),

first_marks as (
    select
        urn,
        nc_year,
        academic_year,
        min(session_date) filter (where is_known) as first_marked
    from group_days
    group by urn, nc_year, academic_year
)

select
    group_days.urn,
    group_days.nc_year,
    group_days.session_date,
    group_days.enrolments
from group_days
inner join first_marks
    on
        group_days.urn = first_marks.urn
        and group_days.nc_year = first_marks.nc_year
        and group_days.academic_year = first_marks.academic_year
where
    group_days.is_due
    -- only before the group's own first mark: a gap later on is no late start, and a group never marked is silent
    and group_days.session_date < first_marks.first_marked
    and exists (
        select 1
        from group_days as others
        where
            others.urn = group_days.urn
            and others.session_date = group_days.session_date
            and others.is_known
    )
