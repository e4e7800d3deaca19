-- One row per census date, case and field of DfE's collection that the council's record leaves open.
select
    census.census_date,
    census.person_id,
    census.case_reference,
    gaps.field
from {{ ref('int_cme_census') }} as census
cross join
    lateral (
        values
        ('reason', census.is_reason_missing or census.reason = 'Not recorded'),
        ('duration', census.duration = 'Unknown'),
        ('sex', census.sex = 'Unknown'),
        ('year group', census.year_group = 'Unknown')
    ) as gaps (field, is_open)
where gaps.is_open
