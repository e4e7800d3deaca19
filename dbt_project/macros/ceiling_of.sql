{#- The smallest whole number not below a quotient, in whole numbers; right for every sign of the dividend. -#}
{% macro ceiling_of(dividend, divisor) -%}
    -((-{{ dividend }} - case when {{ dividend }} > 0 then {{ divisor }} - 1 else 0 end) / {{ divisor }})
{%- endmacro %}
