-- One row per child and intervention: sessions possible and absent since its first day, and in as many days before it.
-- Exact to the session: a week that the window cuts is counted by its masks and its marks.
with interventions as (
    {{ council_rows('interventions') }}
),

windows as (
    select distinct on (interventions.person_id, interventions.intervention, interventions.since_date)
        interventions.person_id,
        interventions.intervention,
        interventions.since_date,
        interventions.until_date,
        interventions.urn,
        interventions.owner_role,
        today.as_at - interventions.since_date + 1 as window_days,
        today.as_at
    from interventions
    inner join {{ ref('util_today') }} as today on interventions.since_date <= today.as_at
    order by
        interventions.person_id asc, interventions.intervention asc, interventions.since_date asc,
        interventions.council_child_id asc
),

spans as (
    select
        windows.person_id,
        windows.intervention,
        windows.since_date,
        spans.is_since,
        spans.first_day,
        spans.last_day
    from windows
    cross join lateral (
        values
        (true, windows.since_date, windows.as_at),
        (false, windows.since_date - windows.window_days, windows.since_date - 1)
    ) as spans (is_since, first_day, last_day)
),

weeks as (
    select
        spans.person_id,
        spans.intervention,
        spans.since_date,
        spans.is_since,
        weeks.enrolment_id,
        weeks.week_start,
        weeks.known_sessions & {{ days_of_week(
            'greatest(spans.first_day - weeks.week_start, 0)', 'least(spans.last_day - weeks.week_start, 6)'
        ) }} as known_sessions
    from spans
    inner join {{ ref('int_enrolments_current') }} as enrolments on spans.person_id = enrolments.person_id
    inner join {{ ref('int_enrolment_weeks') }} as weeks
        on
            enrolments.enrolment_id = weeks.enrolment_id
            and weeks.week_start > spans.first_day - 7
            and spans.last_day >= weeks.week_start
),

counted as (
    select
        weeks.person_id,
        weeks.intervention,
        weeks.since_date,
        weeks.is_since,
        sum({{ count_sessions('weeks.known_sessions & ~coalesce(marks.not_possible, 0)') }})::integer as possible,
        sum({{ count_sessions('weeks.known_sessions & coalesce(marks.absent, 0)') }})::integer as absent
    from weeks
    left join lateral (
        select
            bit_or({{ session_bit('exceptional.session_date', 'exceptional.half') }})
            filter (where codes.is_absence) as absent,
            bit_or({{ session_bit('exceptional.session_date', 'exceptional.half') }})
            filter (where not codes.is_possible) as not_possible
        from {{ ref('int_exceptional_sessions') }} as exceptional
        inner join {{ ref('attendance_codes') }} as codes on exceptional.code = codes.code
        where exceptional.enrolment_id = weeks.enrolment_id and exceptional.week_start = weeks.week_start
    ) as marks on true
    group by weeks.person_id, weeks.intervention, weeks.since_date, weeks.is_since
)

select
    windows.person_id,
    windows.intervention,
    windows.since_date,
    windows.until_date,
    windows.urn,
    windows.owner_role,
    windows.window_days,
    coalesce(before.possible, 0) as before_sessions_possible,
    coalesce(before.absent, 0) as before_sessions_absent,
    {{ rate('before.absent', 'before.possible') }} as before_absence_rate,
    coalesce(since.possible, 0) as since_sessions_possible,
    coalesce(since.absent, 0) as since_sessions_absent,
    {{ rate('since.absent', 'since.possible') }} as since_absence_rate
from windows
{% for name, condition in [('before', 'not before.is_since'), ('since', 'since.is_since')] -%}
    left join counted as {{ name }}
        on
            windows.person_id = {{ name }}.person_id
            and windows.intervention = {{ name }}.intervention
            and windows.since_date = {{ name }}.since_date
            and {{ condition }}
{% endfor %}
