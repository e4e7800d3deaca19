-- One row per enrolment and academic year to date: on which days it is absent, beside breaks, how late, in what spells.
-- A pattern is named only where it is large, on enough days, and exact chance does not explain it.
with counts as (
    select * from {{ ref('int_pattern_counts') }}
),

enrolments as (
    select
        enrolment_id,
        person_id,
        urn,
        is_on_roll
    from {{ ref('int_enrolments_current') }}
),

years as (
    select max(academic_year) as academic_year from {{ ref('stg_city__periods') }}
    where period_type = 'year' and first_day = {{ academic_year_start() }}
),

spells as (
    select
        enrolment_id,
        count(*)::integer as spells,
        count(*) filter (where school_days = 1)::integer as spells_of_one_day,
        max(school_days) as longest_spell_school_days,
        sum(sessions_ill)::integer as sessions_ill,
        sum(sessions_holiday)::integer as sessions_holiday,
        sum(sessions_pending)::integer as sessions_pending,
        sum(sessions_other_unauthorised)::integer as sessions_other_unauthorised,
        sum(sessions_other_authorised)::integer as sessions_other_authorised,
        sum(gap_sessions)::integer as gap_sessions
    from {{ ref('fct_absence_spells') }}
    group by enrolment_id
),

patterns as (
    select
        enrolment_id,
        string_agg(kind, ', ' order by kind_no) as patterns,
        string_agg(
            'absent on ' || kind_absent || ' of ' || kind_possible
            || case
                when kind_no <= 5 then ' ' || initcap(kind) || 's'
                when kind_no = 6 then ' days beside a break'
                else ' days missed by half: only the ' || rtrim(kind, 's')
            end
            || case
                when kind_no <= 6
                    then
                        ', and on ' || (days_absent - kind_absent) || ' of ' || (days_possible - kind_possible)
                        || ' other days'
                else ''
            end,
            '; ' order by kind_no
        ) as evidence,
        bool_or(kind_no <= 5) as has_weekday_pattern,
        bool_or(kind_no = 6) as has_break_pattern,
        bool_or(kind_no >= 7) as has_half_day_pattern
    from {{ ref('int_pattern_tests') }}
    where is_pattern
    group by enrolment_id
)

select
    counts.enrolment_id,
    years.academic_year,
    enrolments.person_id,
    enrolments.urn,
    enrolments.is_on_roll,
    {% for day in ['mondays', 'tuesdays', 'wednesdays', 'thursdays', 'fridays'] -%}
        counts.{{ day }}_absent,
        counts.{{ day }}_possible,
    {% endfor -%}
    {%- for column in [
        'mornings_absent', 'mornings_possible', 'afternoons_absent', 'afternoons_possible', 'morning_only_days',
        'afternoon_only_days', 'break_days_absent', 'break_days_possible', 'breaks_absent',
        'first_ten_days_absent', 'first_ten_days_possible', 'sessions_late_before', 'sessions_late_after',
        'sessions_attended',
    ] %}
        counts.{{ column }},
    {% endfor -%}
        {%- for column in [
            'sessions_ill', 'sessions_holiday', 'sessions_pending', 'sessions_other_unauthorised',
            'sessions_other_authorised', 'spells', 'spells_of_one_day', 'longest_spell_school_days',
        ] %}
        coalesce(spells.{{ column }}, 0) as {{ column }},
    {% endfor -%}
    spells.gap_sessions,
    counts.sessions_unknown,
    coalesce(patterns.has_weekday_pattern, false) as has_weekday_pattern,
    coalesce(patterns.has_break_pattern, false) as has_break_pattern,
    coalesce(patterns.has_half_day_pattern, false) as has_half_day_pattern,
    patterns.patterns,
    patterns.evidence
from counts
inner join enrolments on counts.enrolment_id = enrolments.enrolment_id
cross join years
left join spells on counts.enrolment_id = spells.enrolment_id
left join patterns on counts.enrolment_id = patterns.enrolment_id
