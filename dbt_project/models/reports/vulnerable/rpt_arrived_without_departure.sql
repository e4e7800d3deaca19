-- One row per child who came onto a roll in mid-year, and no roll of the city says that it left one before.
select
    questions.person_id,
    questions.enrolment_id,
    questions.urn,
    questions.since_date as entry_date,
    questions.age_days,
    questions.is_cross_border,
    questions.person_id in (
        select other.person_id from {{ ref('dim_enrolments') }} as other
        where other.enrolment_id <> questions.enrolment_id and other.is_on_roll
    ) as is_on_another_roll
from {{ ref('fct_cme_candidates') }} as questions
where questions.rule_name = 'arrived_without_departure'
