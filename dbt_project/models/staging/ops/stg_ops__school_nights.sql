-- One row per night and school that was asked: its line as known.
with versions as (
    select distinct on (night, urn)
        night,
        urn,
        status,
        reason_code,
        reason,
        rules_broken,
        rows_in,
        marks_new,
        marks_changed,
        marks_removed,
        marks_unchanged,
        marks_unmapped,
        rows_quarantined,
        source_time as source_at
    from {{ source('ops', 'school_night_version') }}
    where known_at <= {{ known_at() }}
    order by night asc, urn asc, known_at desc
)

select * from versions
