-- One row per penalty notice that was not withdrawn: how many this parent had for this child in the three years to it.
with measures as (
    {{ council_rows('legal') }}
),

notices as (
    select
        measures.person_id,
        measures.reference,
        measures.parent_id,
        measures.urn,
        measures.issued_date,
        measures.period_first_date,
        measures.period_last_date,
        measures.sessions,
        measures.paid_date,
        measures.prosecuted_date
    from measures
    inner join {{ ref('util_today') }} as today on measures.issued_date <= today.as_at
    where measures.measure = 'penalty_notice' and coalesce(measures.withdrawn_date, 'infinity') > today.as_at
)

select
    notices.*,
    counted.notices_in_three_years,
    counted.notices_in_three_years > {{ var('penalty_notice_limit') }} as is_over_national_limit
from notices
cross join lateral (
    -- a notice without a parent's key stands alone: it is counted with no other
    select count(*)::integer as notices_in_three_years
    from notices as earlier
    where
        earlier.person_id = notices.person_id
        and (earlier.parent_id = notices.parent_id or earlier.reference = notices.reference)
        and (earlier.issued_date, earlier.reference) <= (notices.issued_date, notices.reference)
        and earlier.issued_date > notices.issued_date - interval '{{ var("penalty_notice_years") }} years'
) as counted
