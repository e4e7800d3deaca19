-- One row per child and rule that asks whether the child may be missing education: a question, never a finding.
-- A child on any roll is not missing education; the no-show starter is on a roll, and is marked so in its own column.
with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

today as (
    select
        today.*,
        max(weeks.year_first_day) as year_first_day
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
    group by today.as_at, today.known_at, today.week_start
),

leavers as (
    select
        enrolments.*,
        today.as_at,
        coalesce(grounds.triage, 'follow_up') as triage,
        coalesce(grounds.is_twenty_day_absence, false) as is_twenty_day_absence
    from enrolments
    inner join today
        on
            enrolments.leaving_date < today.as_at
            and enrolments.leaving_date + 1 between enrolments.compulsory_from and enrolments.compulsory_until
            and enrolments.compulsory_until >= today.as_at
    left join {{ ref('removal_grounds') }} as grounds on enrolments.removal_ground = grounds.removal_ground
    where not exists (
        select 1
        from enrolments as other
        where
            other.person_id = enrolments.person_id
            and other.enrolment_id <> enrolments.enrolment_id
            and coalesce(other.leaving_date, 'infinity') >= enrolments.leaving_date
            -- of two that ended on one day, the later one asks the question
            and (
                other.leaving_date is distinct from enrolments.leaving_date
                or other.enrolment_id > enrolments.enrolment_id
            )
    )
),

unseen_leavers as (
    select
        case when leavers.is_twenty_day_absence then 'deleted_20_day_ground' else 'leaver_no_arrival' end as rule_name,
        leavers.enrolment_id,
        leavers.person_id,
        leavers.urn,
        leavers.destination_urn,
        leavers.removal_ground,
        leavers.triage,
        'Left on ' || leavers.leaving_date || ', ground ' || coalesce(leavers.removal_ground, 'not given')
        || ', no later enrolment in the city' as evidence,
        false as is_on_roll_not_started,
        leavers.leaving_date as since_date
    from leavers
    where leavers.triage not in ('none', 'ehe')
),

attendance as (
    select
        enrolment_id,
        sum(sessions_attended) as sessions_attended,
        sum(sessions_possible) as sessions_possible
    from {{ ref('int_enrolment_periods') }}
    where period_type = 'year'
    group by enrolment_id
),

-- few rows: materialised, so that their other enrolments are looked up one by one
never_seen as materialized (
    select
        'no_show_starter' as rule_name,
        enrolments.enrolment_id,
        enrolments.person_id,
        enrolments.urn,
        enrolments.destination_urn,
        enrolments.removal_ground,
        'on_roll' as triage,
        'On roll since ' || enrolments.entry_date || ', ' || attendance.sessions_possible
        || ' sessions known and none attended' as evidence,
        true as is_on_roll_not_started,
        enrolments.entry_date as since_date
    from enrolments
    inner join today
        on
            enrolments.entry_date >= today.year_first_day
            and today.as_at between enrolments.compulsory_from and enrolments.compulsory_until
    inner join attendance
        on
            enrolments.enrolment_id = attendance.enrolment_id
            and attendance.sessions_attended = 0
            and attendance.sessions_possible > 0
    where enrolments.is_on_roll
),

seen_elsewhere as (
    select distinct never_seen.enrolment_id
    from never_seen
    inner join enrolments as other
        on never_seen.person_id = other.person_id and never_seen.enrolment_id <> other.enrolment_id
    inner join {{ ref('int_enrolment_weeks') }} as other_weeks
        on
            other.enrolment_id = other_weeks.enrolment_id
            and other_weeks.week_start >= never_seen.since_date - 6
            and other_weeks.sessions_attended > 0
),

not_started as (
    select never_seen.*
    from never_seen
    left join seen_elsewhere on never_seen.enrolment_id = seen_elsewhere.enrolment_id
    where seen_elsewhere.enrolment_id is null
),

questions as (
    select * from unseen_leavers
    union all
    select * from not_started
),

candidates as (
    select distinct on (questions.person_id, questions.rule_name)
        questions.person_id,
        questions.rule_name,
        questions.enrolment_id,
        questions.urn,
        questions.destination_urn,
        questions.removal_ground,
        questions.triage,
        questions.evidence,
        today.as_at - questions.since_date as age_days,
        (
            select count(distinct sessions.session_date)
            from {{ ref('stg_city__school_sessions') }} as sessions
            where
                sessions.urn = questions.urn
                and sessions.session_date > questions.since_date - questions.is_on_roll_not_started::integer
                and sessions.session_date <= today.as_at
        )::integer as age_school_days,
        questions.is_on_roll_not_started,
        questions.since_date
    from questions
    cross join today
    order by questions.person_id asc, questions.rule_name asc, questions.since_date desc, questions.enrolment_id desc
)

select * from candidates
where age_school_days >= case when is_on_roll_not_started then {{ var('no_show_school_days') }} else 1 end
