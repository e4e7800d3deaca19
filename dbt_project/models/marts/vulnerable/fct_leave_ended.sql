-- One row per child and school whose newest granted leave has ended, and who attended nowhere since, on a roll.
select * from {{ ref('int_leave_ended') }}
