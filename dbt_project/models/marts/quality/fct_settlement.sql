-- One row per school: how old its figures must be before they hardly move, from its own history of late changes.
select
    urn,
    sessions_watched,
    changes_watched,
    is_own_history,
    settled_after_school_days,
    settled_until,
    late_changes_per_100000
from {{ ref('int_settlement') }}
