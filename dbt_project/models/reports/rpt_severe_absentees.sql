-- One row per child severely absent in the academic year to date and school whose roll the child is on.
select * from {{ ref('rpt_persistent_absentees') }}
where is_severely_absent
