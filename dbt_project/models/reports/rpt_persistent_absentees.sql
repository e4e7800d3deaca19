-- One row per child persistently absent in the academic year to date and school whose roll the child is on.
-- The severely absent are among them; the band tells them apart.
with today as (
    select
        today.as_at,
        max(weeks.academic_year) as academic_year
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
    group by today.as_at
),

children as (
    select absence.*
    from {{ ref('fct_child_absence') }} as absence
    inner join today on absence.academic_year = today.academic_year
    where absence.period_type = 'year' and absence.is_persistently_absent
),

enrolments as (
    select * from {{ ref('dim_enrolments') }}
    where is_on_roll
),

at_school as (
    select absence.*
    from {{ ref('fct_enrolment_absence') }} as absence
    inner join today on absence.academic_year = today.academic_year
    where absence.period_type = 'year'
)

select
    children.person_id,
    enrolments.urn,
    enrolments.enrolment_id,
    schools.school_name,
    enrolments.dfe_phase,
    schools.link_officer,
    enrolments.nc_year,
    enrolments.registration_group,
    children.academic_year,
    children.absence_band,
    pupils.sen,
    children.sessions_possible,
    children.sessions_absent,
    children.sessions_authorised,
    children.sessions_unauthorised,
    children.sessions_part_time,
    children.sessions_unknown,
    coalesce(at_school.sessions_possible, 0) as school_sessions_possible,
    coalesce(at_school.sessions_absent, 0) as school_sessions_absent,
    children.absence_rate,
    at_school.absence_rate as school_absence_rate,
    children.is_severely_absent,
    {{ is_persistently_absent(
        '(children.sessions_absent - children.sessions_part_time)', 'children.sessions_possible'
    ) }} as is_persistently_absent_without_part_time,
    pupils.is_fsm,
    pupils.is_looked_after,
    pupils.is_cin,
    pupils.is_cp
from children
inner join enrolments on children.person_id = enrolments.person_id
inner join {{ ref('dim_schools') }} as schools on enrolments.urn = schools.urn
inner join {{ ref('dim_pupils') }} as pupils on children.person_id = pupils.person_id
left join at_school on enrolments.enrolment_id = at_school.enrolment_id
