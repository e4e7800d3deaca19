-- One row per child on a roll who attended nowhere in the city for so many school days: not missing education.
-- A day counts where the child was marked absent: a school that is silent says nothing.
with last_attended as (
    select * from {{ ref('int_last_attended') }}
),

absences as (
    select
        last_attended.person_id,
        count(distinct exceptional.session_date)::integer as absent_school_days,
        min(exceptional.session_date) as absent_since,
        count(*) filter (where codes.authorisation = 'unauthorised')::integer as sessions_unauthorised,
        count(*)::integer as sessions_absent
    from last_attended
    inner join {{ ref('int_enrolments_current') }} as enrolments on last_attended.person_id = enrolments.person_id
    inner join {{ ref('int_exceptional_sessions') }} as exceptional
        on
            enrolments.enrolment_id = exceptional.enrolment_id
            and exceptional.session_date > coalesce(last_attended.last_attended_date, '-infinity')
    inner join {{ ref('attendance_codes') }} as codes on exceptional.code = codes.code and codes.is_absence
    group by last_attended.person_id
)

select
    absences.person_id,
    children.latest_urn as urn,
    last_attended.last_attended_date,
    absences.absent_since,
    absences.absent_school_days,
    absences.sessions_absent,
    absences.sessions_unauthorised,
    children.is_compulsory_age,
    children.is_cross_border,
    coalesce(children.home_la <> left(schools.laestab::text, 3), false) as is_school_in_another_la
from absences
inner join last_attended on absences.person_id = last_attended.person_id
inner join {{ ref('int_missing_children') }} as children on absences.person_id = children.person_id
left join {{ ref('stg_city__schools') }} as schools on children.latest_urn = schools.urn
where absences.absent_school_days >= {{ var('not_attending_school_days') }}
