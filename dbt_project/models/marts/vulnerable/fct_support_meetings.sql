-- One row per targeting support meeting held by the night: who took part, when the next is due, how its actions stand.
with meetings as (
    select * from {{ ref('stg_council__meetings') }} as meetings
    where {{ as_known('meetings') }}
),

actions as (
    select
        urn,
        meeting_date,
        count(*)::integer as actions_agreed,
        (count(*) filter (where action_status = 'done'))::integer as actions_done,
        (count(*) filter (where action_status = 'overdue'))::integer as actions_overdue
    from {{ ref('fct_meeting_actions') }}
    group by urn, meeting_date
)

select
    meetings.urn,
    meetings.meeting_date,
    meetings.term,
    meetings.attendees,
    meetings.next_due_date,
    coalesce(actions.actions_agreed, 0) as actions_agreed,
    coalesce(actions.actions_done, 0) as actions_done,
    coalesce(actions.actions_overdue, 0) as actions_overdue,
    meetings.meeting_date = max(meetings.meeting_date) over (partition by meetings.urn) as is_latest
from meetings
inner join {{ ref('util_today') }} as today on meetings.meeting_date <= today.as_at
left join actions on meetings.urn = actions.urn and meetings.meeting_date = actions.meeting_date
