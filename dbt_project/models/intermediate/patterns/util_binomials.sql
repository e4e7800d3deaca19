-- One row per n and k of up to 266 (the weekdays of a year): in how many ways k of n can be chosen, exactly.
with recursive factorials (n, product) as (
    select
        0 as n,
        1::numeric as product
    union all
    select
        n + 1 as n,
        product * (n + 1) as product
    from factorials
    where n < 266
)

select
    whole.n,
    chosen.n as k,
    div(whole.product, chosen.product * rest.product) as ways
from factorials as whole
inner join factorials as chosen on whole.n >= chosen.n
inner join factorials as rest on whole.n - chosen.n = rest.n
