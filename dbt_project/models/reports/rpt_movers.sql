-- One row per child whose band of absence is another one than in the set published before: the year to date.
-- Between any two published dates: serve.fct_published_bands holds every band with the dates between which it stood.
with today as (
    select
        today.known_at,
        max(weeks.academic_year) as academic_year
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
    group by today.known_at
),

-- what stood just before this moment: the same answer when this night is rebuilt years later
before as (
    select
        bands.person_id,
        bands.absence_band
    from {{ ref('stg_ops__published_bands') }} as bands
    inner join today
        on
            bands.academic_year = today.academic_year
            and bands.from_known_at < today.known_at
            and coalesce(bands.to_known_at, 'infinity') >= today.known_at
),

now as (
    select
        absence.person_id,
        absence.academic_year,
        absence.absence_band,
        absence.sessions_possible,
        absence.sessions_absent
    from {{ ref('fct_child_absence') }} as absence
    inner join today on absence.academic_year = today.academic_year
    where absence.period_type = 'year'
),

bands (absence_band, rank) as (
    values
    ('none possible', 0),
    ('below {{ var("persistent_absence_pct") }} %', 1),
    ('persistent', 2),
    ('severe', 3)
)

select
    now.person_id,
    pupils.latest_urn as urn,
    now.academic_year,
    before.absence_band as band_before,
    now.absence_band as band_now,
    now.sessions_possible,
    now.sessions_absent,
    now_bands.rank > before_bands.rank as is_worse,
    before_bands.rank < 2 and now_bands.rank >= 2 as is_into_persistent,
    before_bands.rank >= 2 and now_bands.rank < 2 as is_out_of_persistent,
    before_bands.rank < 3 and now_bands.rank = 3 as is_into_severe,
    before_bands.rank = 3 and now_bands.rank < 3 as is_out_of_severe
from now
inner join before on now.person_id = before.person_id and now.absence_band <> before.absence_band
inner join bands as now_bands on now.absence_band = now_bands.absence_band
inner join bands as before_bands on before.absence_band = before_bands.absence_band
left join {{ ref('dim_pupils') }} as pupils on now.person_id = pupils.person_id
