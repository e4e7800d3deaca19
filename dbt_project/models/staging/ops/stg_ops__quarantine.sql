-- One row per refused row of a delivery; it holds the rule and the place, never a value.
select
    quarantine_id,
    urn,
    night,
    entity,
    rule,
    reason
from {{ source('ops', 'quarantine') }}
