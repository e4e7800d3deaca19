-- One row per measure that Rollcall publishes: its name, definition, source, neighbours and tests.
select
    measure,
    family,
    sentence,
    numerator,
    denominator,
    codes,
    cohort,
    periods,
    grain,
    source,
    differs_from,
    tests
from {{ ref('measures') }}
