-- One row per child with a CIN, CP, LAC or TAF plan on the night: attendance, part-time plans, contact, meetings.
with plans as (
    select * from {{ ref('int_care_plans') }}
),

years as (
    select max(weeks.academic_year) as academic_year
    from {{ ref('int_weeks') }} as weeks
    inner join {{ ref('util_today') }} as today on weeks.year_first_day <= today.as_at
),

absence as (
    select absence.*
    from {{ ref('fct_child_absence') }} as absence
    inner join years on absence.academic_year = years.academic_year
    where absence.period_type in ('year', 'rolling')
),

part_time as (
    select
        person_id,
        bool_or(has_open_plan) as has_part_time_plan,
        min(review_date) as part_time_review_date,
        bool_or(is_review_overdue) as is_part_time_review_overdue,
        sum(sessions_without_plan)::integer as sessions_without_plan
    from {{ ref('int_part_time') }}
    group by person_id
)

select
    plans.person_id,
    plans.plan_status,
    plans.all_plans,
    plans.plans,
    plans.start_date,
    plans.social_worker,
    plans.team,
    coalesce(plans.responsible_la, '{{ var("la_code") }}') as responsible_la,
    coalesce(plans.home_la, children.home_la) as home_la,
    coalesce(children.is_on_roll, false) as is_on_roll,
    children.latest_urn as urn,
    schools.link_officer,
    year.sessions_possible,
    year.sessions_absent,
    year.sessions_unknown,
    year.absence_rate,
    year.is_persistently_absent,
    year.is_severely_absent,
    rolling.sessions_possible as rolling_sessions_possible,
    rolling.sessions_absent as rolling_sessions_absent,
    rolling.absence_rate as rolling_absence_rate,
    {{ rate('(year.sessions_expected - year.sessions_unknown)', 'year.sessions_expected') }} as coverage_rate,
    coalesce(part_time.has_part_time_plan, false) as has_part_time_plan,
    part_time.part_time_review_date,
    coalesce(part_time.is_part_time_review_overdue, false) as is_part_time_review_overdue,
    coalesce(part_time.sessions_without_plan, 0) as sessions_without_plan,
    plans.last_contact_date,
    plans.next_meeting_date,
    plans.is_meeting_overdue
from plans
left join {{ ref('int_missing_children') }} as children on plans.person_id = children.person_id
left join {{ ref('stg_city__schools') }} as schools on children.latest_urn = schools.urn
left join absence as year on plans.person_id = year.person_id and year.period_type = 'year'
left join absence as rolling on plans.person_id = rolling.person_id and rolling.period_type = 'rolling'
left join part_time on plans.person_id = part_time.person_id
