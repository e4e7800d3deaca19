-- One row per school and code: sessions of the academic year to date, as known.
-- One parallel scan of the year's marks; earlier years are never read.
{{ config(sql_header="set local work_mem = '64MB'; set local parallel_setup_cost = 0;") }}
with code_uses as (
    select
        enrolments.urn,
        enrolments.dfe_phase,
        marks.code,
        count(*)::integer as sessions,
        min(marks.session_date) as first_used,
        max(marks.session_date) as last_used
    from {{ ref('stg_register__marks') }} as marks
    inner join {{ ref('int_enrolments_current') }} as enrolments on marks.enrolment_id = enrolments.enrolment_id
    where
        marks.session_date between {{ academic_year_start() }} and date '{{ var("as_at") }}'
        and {{ as_known('marks') }}
    group by 1, 2, 3
)

select
    code_uses.urn,
    code_uses.dfe_phase,
    code_uses.code,
    code_uses.sessions,
    -- codes change between academic years: one used outside its dates is outside them all year
    case
        when code_uses.first_used < codes.valid_from or code_uses.last_used > codes.valid_to then code_uses.sessions
        else 0
    end as sessions_withdrawn
from code_uses
inner join {{ ref('attendance_codes') }} as codes on code_uses.code = codes.code
