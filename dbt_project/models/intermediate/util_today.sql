-- One row: the night that figures run to, and the moment as of which the register is read.
select
    date '{{ var("as_at") }}' as as_at,
    {{ known_at() }} as known_at,
    {{ week_start("date '" ~ var("as_at") ~ "'") }} as week_start
