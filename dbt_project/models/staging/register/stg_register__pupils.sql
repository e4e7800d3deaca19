-- One row per pupil of a school and version; a child at two schools is two pupils and one person.
select
    pupil_id,
    urn,
    sex,
    ethnicity,
    first_language,
    is_current,
    birth_month,
    known_from,
    known_to
from {{ source('register', 'pupil') }}
