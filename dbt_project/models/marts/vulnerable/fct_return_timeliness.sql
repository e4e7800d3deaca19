-- One row per return that a register asks for this academic year, beside the one that the council had.
select * from {{ ref('int_return_timeliness') }}
