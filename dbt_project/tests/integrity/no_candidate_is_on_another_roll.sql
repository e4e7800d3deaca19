-- Claim:   a child on an open roll is never a candidate: its questions are of another kind.
-- Matters: a child on a roll is not missing education, however absent (Education Act 1996, section 436A).
-- Remedy:  look at how the child's enrolments are linked, then at the rule that raised the question.
select
    candidates.person_id,
    candidates.rule_name
from {{ ref('fct_cme_candidates') }} as candidates
inner join {{ ref('dim_enrolments') }} as enrolments
    on candidates.person_id = enrolments.person_id and enrolments.is_on_roll
where candidates.is_candidate
