-- Claim:   the bridge from the city's figure to DfE's ends exactly at the published columns: its residual is nought.
-- Matters: a difference that nobody can explain step by step is a wrong figure on one of the two sides.
-- Remedy:  compare the cohort flags of int_enrolment_half_terms with the steps of rpt_bridge.
select
    measure,
    change
from {{ ref('rpt_bridge') }}
where step_no = 8 and change <> 0
