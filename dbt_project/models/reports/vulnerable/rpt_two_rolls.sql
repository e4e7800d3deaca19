-- One row per open enrolment of a child who is on two rolls by sole registrations: which school is to delete?
select
    enrolments.person_id,
    enrolments.enrolment_id,
    enrolments.urn,
    enrolments.enrolment_status,
    enrolments.entry_date,
    questions.age_days,
    questions.is_cross_border
from {{ ref('dim_enrolments') }} as enrolments
inner join {{ ref('fct_cme_candidates') }} as questions
    on enrolments.person_id = questions.person_id and questions.rule_name = 'two_rolls'
where enrolments.is_on_roll and coalesce(enrolments.enrolment_status, 'C') = 'C'
