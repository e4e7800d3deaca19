-- One row per child and school with a part-time session (C2) this academic year, or an open plan of one on the night.
select * from {{ ref('int_part_time') }}
