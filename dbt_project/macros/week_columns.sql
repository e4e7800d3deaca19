{#- What one mark of a code adds to the counters of its week: seven counters of four bits each in one number. A week has
    fourteen sessions, so they never overflow, and one sum fills them all. -#}
{% macro code_counters() -%}
    is_attending::integer
    + (coalesce(authorisation = 'authorised', false)::integer << 4)
    + (coalesce(authorisation = 'unauthorised', false)::integer << 8)
    + (is_late_before_close::integer << 12)
    + (is_late_after_close::integer << 16)
    + (is_part_time_timetable::integer << 20)
    + ((not is_possible)::integer << 24)
{%- endmacro %}

{#- One counter of a week's marks: code_counters tells which place is whose. -#}
{% macro counter(place) -%}
    (coalesce(mark_weeks.counters, 0) >> {{ 4 * place }} & 15)
{%- endmacro %}

{#- The columns of int_enrolment_weeks from mark_weeks and due_weeks, either of which may have no row. -#}
{% macro week_columns() -%}
    {%- set due = 'coalesce(due_weeks.due_sessions, 0)' -%}
    {#- a closure marked on a day that was never declared agrees with the calendar: it is no session at all -#}
    {%- set undeclared = '(coalesce(mark_weeks.closed_sessions, 0) & ~' ~ due ~ ')' -%}
    {%- set known = '(coalesce(mark_weeks.known_sessions, 0) & ~' ~ undeclared ~ ')' -%}
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
        ({{ counter(6) }} - {{ count_sessions(undeclared) }})::smallint as sessions_not_possible,
        {{ count_sessions(due ~ ' & ~' ~ known) }} as sessions_unknown,
        coalesce(mark_weeks.sessions_unmapped, 0)::smallint as sessions_unmapped
{%- endmacro %}
