-- Claim:   every code in the register has a row in the list of codes.
-- Matters: a mark without a class counts as unknown, so coverage falls and rates rest on less.
-- Remedy:  ask the school what the code means, then add it to seeds/attendance_codes.csv with its dates and source.
{{ config(severity='warn') }}
select
    urn,
    sum(sessions_unmapped) as sessions_unmapped
from {{ ref('int_school_weeks') }}
group by urn
having sum(sessions_unmapped) > 0
