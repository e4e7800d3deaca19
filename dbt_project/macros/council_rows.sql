{#- The rows of a feed as known, with the person that each row's child is, as known at the same moment. -#}
{% macro council_rows(feed) -%}
    select
        facts.*,
        links.person_id
    from {{ ref('stg_council__' ~ feed) }} as facts
    inner join {{ ref('stg_council__child_links') }} as links on facts.council_child_id = links.council_child_id
    where {{ as_known('facts') }} and {{ as_known('links') }}
{%- endmacro %}

{#- National curriculum year by age on 31 August before the day: 0 is Reception. -#}
{% macro year_by_age(birth_month, day) -%}
    (
        extract(year from {{ day }})::integer - (extract(month from {{ day }}) < 9)::integer
        - extract(year from {{ birth_month }})::integer - (extract(month from {{ birth_month }}) > 8)::integer - 4
    )
{%- endmacro %}

{#- The eight durations of DfE's collection; the lower bound is inside. -#}
{% macro cme_duration(days) -%}
    case
        when {{ days }} is null or {{ days }} < 0 then 'Unknown'
        when {{ days }} < 14 then 'Less than 2 weeks'
        when {{ days }} < 28 then '2 to 4 weeks'
        when {{ days }} < 56 then '4 to 8 weeks'
        when {{ days }} < 84 then '8 to 12 weeks'
        when {{ days }} < 182 then '12 to 26 weeks'
        when {{ days }} < 364 then '26 to 52 weeks'
        else 'Over 52 weeks'
    end
{%- endmacro %}
