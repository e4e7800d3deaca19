-- One row per year, area, phase and measure that DfE published.
select
    academic_year,
    area,
    dfe_phase,
    measure,
    source,
    value_pct
from {{ ref('dfe_benchmarks') }}
