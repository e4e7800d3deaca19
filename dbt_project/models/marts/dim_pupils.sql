-- One row per child, pseudonymous: a person of the register, with the newest known facts of any of its enrolments.
with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

today as (
    select * from {{ ref('util_today') }}
),

statuses as (
    select * from {{ ref('stg_register__pupil_statuses') }} as statuses
    where {{ as_known('statuses') }}
),

pupils as (
    select * from {{ ref('stg_register__pupils') }} as pupils
    where {{ as_known('pupils') }}
),

latest_enrolments as (
    select distinct on (enrolments.person_id)
        enrolments.person_id,
        enrolments.urn as latest_urn,
        enrolments.nc_year,
        pupils.sex,
        pupils.ethnicity,
        pupils.first_language,
        pupils.birth_month
    from enrolments
    left join pupils on enrolments.pupil_id = pupils.pupil_id
    order by
        enrolments.person_id asc, enrolments.is_on_roll desc, enrolments.entry_date desc, enrolments.enrolment_id desc
),

counts as (
    select
        person_id,
        count(*)::integer as enrolments,
        count(*) filter (where is_on_roll)::integer as open_enrolments
    from enrolments
    group by person_id
),

latest_statuses as (
    select distinct on (children.person_id, statuses.attribute)
        children.person_id,
        statuses.attribute,
        statuses.value
    from statuses
    inner join (select distinct
        person_id,
        pupil_id
    from enrolments) as children
        on statuses.pupil_id = children.pupil_id
    cross join today
    where statuses.effective_from <= today.as_at
    order by children.person_id asc, statuses.attribute asc, statuses.effective_from desc, statuses.known_from desc
),

status_columns as (
    select
        person_id,
        max(value) filter (where attribute = 'sen') as sen,
        bool_or(value = 'Y') filter (where attribute = 'fsm') as is_fsm,
        bool_or(value = 'Y') filter (where attribute = 'eal') as is_eal,
        bool_or(value = 'Y') filter (where attribute = 'looked_after') as is_looked_after,
        bool_or(value = 'Y') filter (where attribute = 'cin') as is_cin,
        bool_or(value = 'Y') filter (where attribute = 'cp') as is_cp
    from latest_statuses
    group by person_id
),

years as (
    select max(weeks.year_first_day) as year_first_day
    from {{ ref('int_weeks') }} as weeks
    inner join today on weeks.year_first_day <= today.as_at
)

select
    latest_enrolments.person_id,
    latest_enrolments.latest_urn,
    latest_enrolments.nc_year,
    latest_enrolments.sex,
    latest_enrolments.ethnicity,
    latest_enrolments.first_language,
    status_columns.sen,
    {{ age_at_31_august('latest_enrolments.birth_month', 'years.year_first_day') }} as age_at_31_august,
    counts.enrolments,
    counts.open_enrolments,
    coalesce(status_columns.is_fsm, false) as is_fsm,
    coalesce(status_columns.is_eal, false) as is_eal,
    coalesce(status_columns.is_looked_after, false) as is_looked_after,
    coalesce(status_columns.is_cin, false) as is_cin,
    coalesce(status_columns.is_cp, false) as is_cp
from latest_enrolments
inner join counts on latest_enrolments.person_id = counts.person_id
cross join years
left join status_columns on latest_enrolments.person_id = status_columns.person_id
