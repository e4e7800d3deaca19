-- One row per child on a roll with a possible session this year: the sessions between the child and each threshold.
-- A further session missed is possible too; sessions left are those of the calendar of the child's main school.
{%- set persistent, severe = var('persistent_absence_pct'), var('severe_absence_pct') %}
with today as (
    select
        today.as_at,
        weeks.academic_year,
        half_terms.last_day as half_term_last_day,
        years.last_day as year_last_day
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_week_periods') }} as weeks on today.week_start = weeks.week_start
    left join {{ ref('stg_city__periods') }} as half_terms
        on
            weeks.academic_year = half_terms.academic_year
            and weeks.half_term_name = half_terms.period_name
            and half_terms.period_type = 'half_term'
    left join {{ ref('stg_city__periods') }} as years
        on weeks.academic_year = years.academic_year and years.period_type = 'year'
),

main_enrolments as (
    select distinct on (enrolments.person_id)
        enrolments.person_id,
        enrolments.enrolment_id,
        enrolments.urn,
        least(today.half_term_last_day, enrolments.leaving_date) as half_term_until,
        least(today.year_last_day, enrolments.leaving_date) as year_until
    from {{ ref('int_enrolments_current') }} as enrolments
    cross join today
    where enrolments.is_on_roll
    order by
        enrolments.person_id asc,
        coalesce(enrolments.enrolment_status in ('S', 'G'), false) asc,
        enrolments.entry_date desc,
        enrolments.enrolment_id desc
),

ends as (
    select
        urn,
        half_term_until as until_day
    from main_enrolments
    union
    select
        urn,
        year_until as until_day
    from main_enrolments
),

sessions_left as (
    select
        ends.urn,
        ends.until_day,
        count(sessions.session_date)::integer as sessions
    from ends
    cross join today
    left join {{ ref('int_school_sessions') }} as sessions
        on ends.urn = sessions.urn and today.as_at < sessions.session_date and ends.until_day >= sessions.session_date
    group by ends.urn, ends.until_day
),

children as (
    select
        main_enrolments.person_id,
        main_enrolments.enrolment_id,
        main_enrolments.urn,
        today.academic_year,
        absence.sessions_possible,
        absence.sessions_absent,
        coalesce(half_term_left.sessions, 0) as sessions_left_half_term,
        coalesce(year_left.sessions, 0) as sessions_left_year,
        {{ is_persistently_absent('absence.sessions_absent', 'absence.sessions_possible') }}
            as is_persistently_absent,
        {{ persistent }} * absence.sessions_possible - 100 * absence.sessions_absent as persistent_margin,
        {{ severe }} * absence.sessions_possible - 100 * absence.sessions_absent as severe_margin
    from main_enrolments
    cross join today
    inner join {{ ref('int_child_periods') }} as absence
        on
            main_enrolments.person_id = absence.person_id
            and today.academic_year = absence.academic_year
            and absence.period_type = 'year'
            and absence.sessions_possible > 0
    left join sessions_left as half_term_left
        on
            main_enrolments.urn = half_term_left.urn
            and main_enrolments.half_term_until is not distinct from half_term_left.until_day
    left join sessions_left as year_left
        on
            main_enrolments.urn = year_left.urn
            and main_enrolments.year_until is not distinct from year_left.until_day
),

counted as (
    select
        children.*,
        greatest({{ ceiling_of('children.persistent_margin', '(100 - ' ~ persistent ~ ')') }}, 0)
            as further_absences_to_persistent,
        greatest({{ ceiling_of('children.severe_margin', '(100 - ' ~ severe ~ ')') }}, 0)
            as further_absences_to_severe,
        case when children.is_persistently_absent then -children.persistent_margin / {{ persistent }} + 1 else 0 end
            as attendances_to_recover
    from children
)

select
    person_id,
    enrolment_id,
    urn,
    academic_year,
    sessions_possible,
    sessions_absent,
    is_persistently_absent,
    further_absences_to_persistent,
    further_absences_to_severe,
    attendances_to_recover,
    sessions_left_half_term,
    sessions_left_year,
    is_persistently_absent and attendances_to_recover <= sessions_left_half_term as is_recoverable_by_half_term,
    is_persistently_absent and attendances_to_recover <= sessions_left_year as is_recoverable_by_year_end,
    -- the most of the sessions left that may be missed with the child under the threshold at the end
    least(
        greatest({{ ceiling_of('(persistent_margin + ' ~ persistent ~ ' * sessions_left_half_term)', 100) }} - 1, 0),
        sessions_left_half_term
    ) as absences_affordable_half_term,
    least(
        greatest({{ ceiling_of('(persistent_margin + ' ~ persistent ~ ' * sessions_left_year)', 100) }} - 1, 0),
        sessions_left_year
    ) as absences_affordable_year
from counted
