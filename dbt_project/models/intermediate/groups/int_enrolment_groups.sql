-- One row per enrolment and span of weeks: the groups that its sessions are counted in.
-- What nobody stated is "not known", a group of its own: it is never counted as "no".
with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

spans as (
    select * from {{ ref('int_status_spans') }}
),

pupils as (
    select
        pupils.pupil_id,
        pupils.ethnicity
    from {{ ref('stg_register__pupils') }} as pupils
    where {{ as_known('pupils') }}
),

ethnic_groups as (
    select * from {{ ref('ethnic_groups') }}
)

select
    enrolments.enrolment_id,
    coalesce(spans.span_no, 1::smallint) as span_no,
    coalesce(spans.first_week, '-infinity') as first_week,
    coalesce(spans.end_week, 'infinity') as end_week,
    coalesce(enrolments.nc_year, 'not known') as year_group,
    case enrolments.sex when 'F' then 'girls' when 'M' then 'boys' else 'not known' end as sex,
    {{ yes_no('spans.fsm', 'free school meals') }} as fsm,
    case spans.sen
        when 'E' then 'EHC plan' when 'K' then 'SEN support' when 'N' then 'no SEN' else 'not known'
    end as sen,
    {{ yes_no('spans.eal', 'EAL') }} as eal,
    coalesce(ethnic_groups.ethnic_group, 'not known') as ethnic_group,
    coalesce(ethnic_groups.ethnicity_name, 'not known') as ethnicity_name,
    {{ yes_no('spans.looked_after', 'looked after') }} as looked_after,
    {{ yes_no('spans.cin', 'in need') }} as cin,
    {{ yes_no('spans.cp', 'on a protection plan') }} as cp,
    case
        when residents.is_cross_border then 'outside the city' else coalesce(residents.ward_name, 'not known')
    end as ward_of_residence,
    case
        when residents.is_cross_border then 'outside the city' else coalesce(residents.lsoa_code, 'not known')
    end as lsoa,
    case
        when residents.is_cross_border then 'outside the city' else coalesce(residents.imd_decile::text, 'not known')
    end as imd_decile
from enrolments
left join {{ ref('int_council_children') }} as residents on enrolments.person_id = residents.person_id
left join spans on enrolments.pupil_id = spans.pupil_id
left join pupils on enrolments.pupil_id = pupils.pupil_id
left join ethnic_groups on pupils.ethnicity = ethnic_groups.ethnicity
