{#- One counter of a week's marks: their place is told in int_attendance_codes. -#}
{% macro counter(place) -%}
    (coalesce(mark_weeks.counters, 0) >> {{ 4 * place }} & 15)
{%- endmacro %}

{#- The columns of int_enrolment_weeks from mark_weeks and due_weeks, either of which may have no row. -#}
{% macro week_columns() -%}
    {%- set due = 'coalesce(due_weeks.due_sessions, 0)' -%}
    {%- set known = 'coalesce(mark_weeks.known_sessions, 0)' -%}
        {{ due }}::smallint as due_sessions,
        {{ known }}::smallint as known_sessions,
        coalesce(mark_weeks.pending_sessions, 0)::smallint as pending_sessions,
        {{ count_sessions(due ~ ' | ' ~ known) }} as sessions_expected,
        ({{ counter(0) }} + {{ counter(1) }} + {{ counter(2) }})::smallint as sessions_possible,
        {{ counter(0) }}::smallint as sessions_attended,
        ({{ counter(1) }} + {{ counter(2) }})::smallint as sessions_absent,
        {{ counter(1) }}::smallint as sessions_authorised,
        {{ counter(2) }}::smallint as sessions_unauthorised,
        {{ counter(3) }}::smallint as sessions_late_before,
        {{ counter(4) }}::smallint as sessions_late_after,
        {{ counter(5) }}::smallint as sessions_part_time,
        {{ counter(6) }}::smallint as sessions_not_possible,
        {{ count_sessions(due ~ ' & ~' ~ known) }} as sessions_unknown,
        coalesce(mark_weeks.sessions_unmapped, 0)::smallint as sessions_unmapped
{%- endmacro %}
