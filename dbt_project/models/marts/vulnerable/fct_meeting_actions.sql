-- One row per action agreed at a targeting support meeting held by the night: whose, for whom, and what became of it.
with actions as (
    select * from {{ ref('stg_council__meeting_actions') }} as actions
    where {{ as_known('actions') }}
),

links as (
    select * from {{ ref('stg_council__child_links') }} as links
    where {{ as_known('links') }}
)

select
    actions.reference,
    actions.urn,
    actions.meeting_date,
    links.person_id,
    actions.action,
    actions.owner_role,
    actions.due_date,
    case when actions.done_date <= today.as_at then actions.done_date end as done_date,
    case
        when actions.done_date <= today.as_at then 'done'
        when actions.due_date < today.as_at then 'overdue'
        else 'open'
    end as action_status
from actions
inner join {{ ref('util_today') }} as today on actions.meeting_date <= today.as_at
left join links on actions.council_child_id = links.council_child_id
