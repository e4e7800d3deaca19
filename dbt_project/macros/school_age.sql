{#- Age in whole years on 31 August of the academic year that begins with the day given; the month of birth decides. -#}
{% macro age_at_31_august(birth_month, year_first_day) -%}
    (
        extract(year from {{ year_first_day }})::integer - extract(year from {{ birth_month }})::integer
        - (extract(month from {{ birth_month }}) > 8)::integer
    )
{%- endmacro %}

{#- First day of compulsory school age: 31 December, 31 March or 31 August on or after the fifth birthday. -#}
{% macro compulsory_from(birth_month) -%}
    case
        when extract(month from {{ birth_month }}) <= 3
            then make_date(extract(year from {{ birth_month }})::integer + 5, 3, 31)
        when extract(month from {{ birth_month }}) <= 8
            then make_date(extract(year from {{ birth_month }})::integer + 5, 8, 31)
        else make_date(extract(year from {{ birth_month }})::integer + 5, 12, 31)
    end
{%- endmacro %}

{#- Last day of compulsory school age: the last Friday in June of the school year in which the child turns sixteen. -#}
{% macro compulsory_until(birth_month) -%}
    (
        make_date(
            extract(year from {{ birth_month }})::integer + 16
            + (extract(month from {{ birth_month }}) > 8)::integer, 6, 30
        )
        - (
            extract(isodow from make_date(
                extract(year from {{ birth_month }})::integer + 16
                + (extract(month from {{ birth_month }}) > 8)::integer, 6, 30
            ))::integer + 2
        ) % 7
    )
{%- endmacro %}
