-- One row per school and academic year to date: absence by kind of day, and how many enrolments show which pattern.
select
    urn,
    academic_year,
    count(*)::integer as enrolments,
    {%- for column in [
        'mondays', 'tuesdays', 'wednesdays', 'thursdays', 'fridays', 'mornings', 'afternoons', 'break_days',
        'first_ten_days',
    ] %}
        sum({{ column }}_absent)::integer as {{ column }}_absent,
        sum({{ column }}_possible)::integer as {{ column }}_possible,
    {% endfor -%}
        {%- for column in [
            'sessions_late_before', 'sessions_late_after', 'sessions_attended', 'sessions_ill', 'sessions_holiday',
            'sessions_pending', 'sessions_other_unauthorised', 'sessions_other_authorised', 'spells', 'spells_of_one_day',
            'sessions_unknown',
        ] %}
        sum({{ column }})::integer as {{ column }},
    {% endfor -%}
    count(*) filter (where has_weekday_pattern)::integer as enrolments_weekday_pattern,
    count(*) filter (where has_break_pattern)::integer as enrolments_break_pattern,
    count(*) filter (where has_half_day_pattern)::integer as enrolments_half_day_pattern
from {{ ref('fct_absence_patterns') }}
group by urn, academic_year
