-- One row per child and band of absence that was published, with the moments between which it stood.
select
    bands.person_id,
    bands.academic_year,
    bands.absence_band,
    opened.night as from_night,
    opened.known_at as from_known_at,
    closed.known_at as to_known_at
from {{ source('ops', 'published_band') }} as bands
inner join {{ source('ops', 'publication') }} as opened on bands.from_publication = opened.publication_id
left join {{ source('ops', 'publication') }} as closed on bands.to_publication = closed.publication_id
