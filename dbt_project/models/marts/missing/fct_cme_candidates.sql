-- One row per child and rule that asks whether the child may be missing education: a question, never a finding.
-- kind says which list it belongs to; is_candidate is true only for a child on no roll whom no other record explains.
with questions as (
    {% for model in ['int_cme_leavers', 'int_cme_no_shows', 'int_cme_council_rules', 'int_cme_data_questions'] -%}
        select * from {{ ref(model) }}
        union all
    {% endfor -%}
    select
        person_id,
        'leave_not_returned' as rule_name,
        'on_roll' as kind,
        null as enrolment_id,
        urn,
        null as destination_urn,
        null as removal_ground,
        'cme' as triage,
        'Leave ended on ' || leave_end_date || ', not attended since' as evidence,
        leave_end_date as since_date
    from {{ ref('int_leave_ended') }}
    where is_ground_h_signal
),

today as (
    select * from {{ ref('util_today') }}
),

school_days as (
    select distinct
        urn,
        session_date
    from {{ ref('int_school_sessions') }}
    union all
    -- a question that belongs to no school ages by the days on which any school of the city is open
    select distinct
        0 as urn,
        session_date
    from {{ ref('int_school_sessions') }}
),

newest as (
    select distinct on (questions.person_id, questions.rule_name)
        questions.*,
        case when questions.urn in (select school_days.urn from school_days) then questions.urn else 0 end
            as calendar_urn
    from questions
    inner join today on questions.since_date <= today.as_at
    order by
        questions.person_id asc, questions.rule_name asc, questions.since_date desc, questions.enrolment_id desc,
        questions.urn asc
),

days_since as (
    select
        newest.person_id,
        newest.rule_name,
        count(*)::integer as school_days
    from newest
    cross join today
    inner join school_days
        on
            newest.calendar_urn = school_days.urn
            and school_days.session_date > newest.since_date - (newest.rule_name = 'no_show_starter')::integer
            and today.as_at >= school_days.session_date
    group by newest.person_id, newest.rule_name
),

aged as (
    select
        newest.*,
        today.as_at - newest.since_date as age_days,
        coalesce(days_since.school_days, 0) as age_school_days
    from newest
    cross join today
    left join days_since on newest.person_id = days_since.person_id and newest.rule_name = days_since.rule_name
),

explained as (
    select distinct on (aged.person_id, aged.rule_name)
        aged.person_id,
        aged.rule_name,
        explanations.explained_by
    from aged
    inner join {{ ref('int_cme_explanations') }} as explanations
        on aged.person_id = explanations.person_id and aged.since_date <= explanations.speaks_until
    where aged.kind = 'candidate'
    order by aged.person_id asc, aged.rule_name asc, explanations.precedence asc, explanations.explained_by asc
),

grounds as (
    select
        removal_ground,
        'ground for deletion: ' || removal_ground as explained_by
    from {{ ref('removal_grounds') }}
    where triage in ('none', 'ehe')
),

cases as (
    select distinct on (person_id)
        person_id,
        case_reference,
        case_status
    from {{ ref('int_cme_cases') }}
    where is_open
    order by person_id asc, opened_date desc, case_reference desc
),

described as (
    select
        aged.*,
        children.is_cross_border,
        cases.case_reference,
        cases.case_status,
        coalesce(
            explained.explained_by,
            case when aged.kind = 'candidate' then grounds.explained_by end,
            case
                when aged.rule_name = 'off_roll_everywhere' and cases.person_id is not null then 'case open'
            end
        ) as explained_by
    from aged
    inner join {{ ref('int_missing_children') }} as children on aged.person_id = children.person_id
    left join explained on aged.person_id = explained.person_id and aged.rule_name = explained.rule_name
    left join grounds on aged.removal_ground = grounds.removal_ground
    left join cases on aged.person_id = cases.person_id
)

select
    person_id,
    rule_name,
    kind,
    kind = 'candidate' and explained_by is null as is_candidate,
    explained_by,
    enrolment_id,
    urn,
    destination_urn,
    removal_ground,
    triage,
    evidence,
    case_reference,
    case_status,
    is_cross_border,
    age_days,
    age_school_days,
    rule_name = 'no_show_starter' as is_on_roll_not_started,
    since_date
from described
where age_school_days >= case when rule_name = 'no_show_starter' then {{ var('no_show_school_days') }} else 1 end
