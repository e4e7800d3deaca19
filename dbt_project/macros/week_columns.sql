{#- The columns of int_enrolment_weeks from mark_weeks and due_weeks, either of which may have no row. -#}
{% macro week_columns() -%}
    {%- set due = 'coalesce(due_weeks.due_sessions, 0)' -%}
    {%- set known = 'coalesce(mark_weeks.known_sessions, 0)' -%}
    {%- set attended = 'coalesce(mark_weeks.sessions_attended, 0)' -%}
    {%- set authorised = 'coalesce(mark_weeks.sessions_authorised, 0)' -%}
    {%- set unauthorised = 'coalesce(mark_weeks.sessions_unauthorised, 0)' -%}
        {{ due }}::smallint as due_sessions,
        {{ known }}::smallint as known_sessions,
        coalesce(mark_weeks.pending_sessions, 0)::smallint as pending_sessions,
        {{ count_sessions(due ~ ' | ' ~ known) }} as sessions_expected,
        ({{ attended }} + {{ authorised }} + {{ unauthorised }})::smallint as sessions_possible,
        {{ attended }}::smallint as sessions_attended,
        ({{ authorised }} + {{ unauthorised }})::smallint as sessions_absent,
        {{ authorised }}::smallint as sessions_authorised,
        {{ unauthorised }}::smallint as sessions_unauthorised,
        coalesce(mark_weeks.sessions_late_before, 0)::smallint as sessions_late_before,
        coalesce(mark_weeks.sessions_late_after, 0)::smallint as sessions_late_after,
        coalesce(mark_weeks.sessions_part_time, 0)::smallint as sessions_part_time,
        coalesce(mark_weeks.sessions_not_possible, 0)::smallint as sessions_not_possible,
        {{ count_sessions(due ~ ' & ~' ~ known) }} as sessions_unknown,
        coalesce(mark_weeks.sessions_unmapped, 0)::smallint as sessions_unmapped,
        coalesce(mark_weeks.sessions_withdrawn, 0)::smallint as sessions_withdrawn,
        mark_weeks.last_known_date
{%- endmacro %}
