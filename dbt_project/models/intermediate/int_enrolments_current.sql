-- One row per enrolment as known: whose it is, where, and which rules of age apply.
with enrolments as (
    select * from {{ ref('stg_register__enrolments') }} as enrolments
    where {{ as_known('enrolments') }}
),

pupils as (
    select * from {{ ref('stg_register__pupils') }} as pupils
    where {{ as_known('pupils') }}
),

person_links as (
    select * from {{ ref('stg_register__person_links') }} as person_links
    where {{ as_known('person_links') }}
),

schools as (
    select * from {{ ref('stg_city__schools') }}
),

phases as (
    select * from {{ ref('phases') }}
),

today as (
    select * from {{ ref('util_today') }}
),

enrolments_described as (
    select
        enrolments.enrolment_id,
        enrolments.pupil_id,
        -- a pupil not yet linked is a child of its own, below every real number
        coalesce(person_links.person_id, -enrolments.pupil_id) as person_id,
        enrolments.urn,
        enrolments.destination_urn,
        phases.dfe_phase,
        enrolments.enrolment_status,
        enrolments.nc_year,
        enrolments.registration_group,
        enrolments.leaving_reason,
        enrolments.removal_ground,
        enrolments.destination,
        pupils.sex,
        enrolments.is_boarder,
        enrolments.entry_date <= today.as_at
        and coalesce(enrolments.leaving_date, 'infinity') >= today.as_at as is_on_roll,
        coalesce(phases.is_in_dfe_cohort, false)
        and not schools.is_independent
        and not enrolments.is_boarder as is_dfe_statistics_school,
        enrolments.entry_date,
        enrolments.leaving_date,
        pupils.birth_month,
        {{ compulsory_from('pupils.birth_month') }} as compulsory_from,
        {{ compulsory_until('pupils.birth_month') }} as compulsory_until
    from enrolments
    cross join today
    inner join schools on enrolments.urn = schools.urn
    left join phases on schools.phase = phases.phase
    left join pupils on enrolments.pupil_id = pupils.pupil_id
    left join person_links on enrolments.pupil_id = person_links.pupil_id
)

select * from enrolments_described
