-- One row per academic year and period (year, term or half term).
select
    academic_year,
    period_type,
    period_name,
    first_day,
    last_day
from {{ source('city', 'period') }}
