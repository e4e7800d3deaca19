-- One row per year, area, phase and attendance code that DfE published; the code /\ is both present codes together.
select
    academic_year,
    area,
    dfe_phase,
    code,
    sessions,
    sessions_possible,
    source
from {{ ref('dfe_code_shares') }}
