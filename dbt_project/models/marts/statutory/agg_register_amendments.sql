-- One row per school with any amendment of this academic year's register: how many, of which kind, how late.
with overdue as (
    select
        urn,
        count(*)::integer as sessions_overdue
    from {{ ref('fct_unexplained_overdue') }}
    group by urn
),

amendments as (
    select
        urn,
        count(*)::integer as amendments,
        {% for change in ['explained', 'reclassified', 'same_class', 'filled_in', 'blanked', 'removed'] -%}
            count(*) filter (where change = '{{ change }}')::integer as amendments_{{ change }},
        {% endfor -%}
        count(*) filter (where change = 'explained' and is_late)::integer as amendments_explained_late,
        count(*) filter (
            where original_category in ('present', 'approved_educational_activity')
            and amended_category in ('absent_authorised', 'absent_unauthorised')
        )::integer as present_to_absent,
        count(*) filter (
            where original_category in ('absent_authorised', 'absent_unauthorised')
            and amended_category in ('present', 'approved_educational_activity')
        )::integer as absent_to_present,
        count(*) filter (
            where original_category = 'absent_unauthorised' and amended_category = 'absent_authorised'
        )::integer as unauthorised_to_authorised,
        max(age_school_days) as oldest_school_days,
        percentile_disc(0.5) within group (order by age_school_days)::integer as median_school_days
    from {{ ref('fct_register_amendments') }}
    group by urn
)

select
    amendments.*,
    coalesce(overdue.sessions_overdue, 0) as sessions_overdue
from amendments
left join overdue on amendments.urn = overdue.urn
