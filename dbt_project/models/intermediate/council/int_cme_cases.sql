-- One row per case of a child missing education, or enquiry into one, as it stood on the night.
with cases as (
    {{ council_rows('cme_cases') }}
),

today as (
    select * from {{ ref('util_today') }}
),

stood as (
    select
        cases.*,
        case when cases.confirmed_date <= today.as_at then 'confirmed' else 'enquiry' end as case_status,
        coalesce(cases.closed_date, 'infinity') > today.as_at as is_open,
        today.as_at
    from cases
    inner join today on cases.opened_date <= today.as_at
)

select
    stood.person_id,
    stood.case_reference,
    stood.case_status,
    stood.is_open,
    stood.opened_date,
    stood.missing_since,
    stood.start_rule,
    stood.confirmed_date,
    stood.cme_reason,
    reasons.name as cme_reason_name,
    stood.last_school_urn,
    stood.is_whereabouts_known,
    stood.closed_date,
    stood.outcome,
    least(stood.as_at, stood.closed_date) - stood.missing_since as missing_days,
    {{ cme_duration('(least(stood.as_at, stood.closed_date) - stood.missing_since)') }} as duration,
    children.sex,
    children.year_by_age,
    children.birth_month,
    children.compulsory_from,
    children.compulsory_until,
    children.is_compulsory_age,
    children.is_on_roll,
    children.is_cross_border,
    stood.is_open and stood.case_status = 'confirmed' and not children.is_on_roll and children.is_compulsory_age
    and not children.is_cross_border as is_missing_education
from stood
inner join {{ ref('int_missing_children') }} as children on stood.person_id = children.person_id
left join {{ ref('cme_reasons') }} as reasons on stood.cme_reason = reasons.cme_reason
