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

care as (
    select distinct on (enrolments.person_id, care.attribute)
        enrolments.person_id,
        care.attribute,
        care.value
    from {{ ref('int_care_statuses') }} as care
    inner join enrolments on care.pupil_id = enrolments.pupil_id
    inner join today on care.effective_from <= today.as_at
    order by enrolments.person_id asc, care.attribute asc, care.effective_from desc
),

-- where the council has a stay of that status for the child, its dates decide and not the register's flag
held as (
    select
        coalesce(care.person_id, latest_statuses.person_id) as person_id,
        coalesce(care.attribute, latest_statuses.attribute) as attribute,
        coalesce(care.value, latest_statuses.value) as value,
        case when care.person_id is null then 'register' else 'council' end as source
    from latest_statuses
    full outer join care
        on latest_statuses.person_id = care.person_id and latest_statuses.attribute = care.attribute
),

status_columns as (
    select
        person_id,
        max(value) filter (where attribute = 'sen') as sen,
        {% for status in ['looked_after', 'cin', 'cp'] -%}
            bool_or(value = 'Y') filter (where attribute = '{{ status }}') as is_{{ status }},
            max(source) filter (where attribute = '{{ status }}') as {{ status }}_source,
        {% endfor -%}
        bool_or(value = 'Y') filter (where attribute = 'fsm') as is_fsm,
        bool_or(value = 'Y') filter (where attribute = 'eal') as is_eal
    from held
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
    coalesce(status_columns.looked_after_source, 'not known') as looked_after_source,
    coalesce(status_columns.cin_source, 'not known') as cin_source,
    coalesce(status_columns.cp_source, 'not known') as cp_source,
    coalesce(status_columns.is_looked_after, false) as is_looked_after,
    coalesce(status_columns.is_cin, false) as is_cin,
    coalesce(status_columns.is_cp, false) as is_cp
from latest_enrolments
inner join counts on latest_enrolments.person_id = counts.person_id
cross join years
left join status_columns on latest_enrolments.person_id = status_columns.person_id
