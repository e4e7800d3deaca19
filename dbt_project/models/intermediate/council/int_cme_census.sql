-- One row per census date of DfE's collection that has passed and confirmed case that stood open on it, as known now.
with dates as (
    select dates.*
    from {{ ref('cme_census_dates') }} as dates
    inner join {{ ref('util_today') }} as today on dates.census_date <= today.as_at
),

cases as (
    select * from {{ ref('int_cme_cases') }}
)

select distinct on (dates.census_date, cases.person_id)
    dates.academic_year,
    dates.term,
    dates.census_date,
    cases.person_id,
    cases.case_reference,
    coalesce(cases.cme_reason_name, 'Not recorded') as reason,
    cases.cme_reason is null as is_reason_missing,
    {{ cme_duration('(dates.census_date - cases.missing_since)') }} as duration,
    case cases.sex when 'F' then 'Female' when 'M' then 'Male' else 'Unknown' end as sex,
    case
        when cases.birth_month is null then 'Unknown'
        when {{ year_by_age('cases.birth_month', 'dates.census_date') }} = 0 then 'Reception'
        else 'Year ' || {{ year_by_age('cases.birth_month', 'dates.census_date') }}
    end as year_group
from dates
inner join cases
    on
        dates.census_date >= cases.confirmed_date
        and dates.census_date >= cases.opened_date
        and coalesce(cases.closed_date, 'infinity') > dates.census_date
        and dates.census_date between cases.compulsory_from and cases.compulsory_until
        and not cases.is_cross_border
where
    not exists (
        select 1 from {{ ref('int_enrolments_current') }} as enrolments
        where
            enrolments.person_id = cases.person_id
            and enrolments.entry_date <= dates.census_date
            and coalesce(enrolments.leaving_date, 'infinity') >= dates.census_date
    )
order by dates.census_date asc, cases.person_id asc, cases.opened_date asc, cases.case_reference asc
