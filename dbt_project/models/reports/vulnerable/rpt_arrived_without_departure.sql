-- One row per child who came onto a roll in mid-year, and no roll of the city says that it left one before.
with questions as (
    select * from {{ ref('fct_cme_candidates') }}
    where rule_name = 'arrived_without_departure'
),

on_another_roll as (
    select distinct questions.person_id
    from questions
    inner join {{ ref('dim_enrolments') }} as other
        on questions.person_id = other.person_id and questions.enrolment_id <> other.enrolment_id
    where other.is_on_roll
)

select
    questions.person_id,
    questions.enrolment_id,
    questions.urn,
    questions.since_date as entry_date,
    questions.age_days,
    questions.is_cross_border,
    on_another_roll.person_id is not null as is_on_another_roll
from questions
left join on_another_roll on questions.person_id = on_another_roll.person_id
