-- One row per school: how old its figures must be before they hardly move, from its own history of late changes.
-- Only days count whose register came on the day itself: of what was loaded in bulk, nobody saw the first version.
with days as (
    select distinct
        urn,
        session_date,
        school_day_no
    from {{ ref('int_school_sessions') }}
    where session_date <= date '{{ var("as_at") }}'
),

newest as (
    select
        urn,
        max(school_day_no) as school_day_no
    from days
    group by urn
),

watched as (
    select
        days.urn,
        newest.school_day_no - days.school_day_no as age_school_days,
        school_days.sessions_known
    from days
    inner join newest on days.urn = newest.urn
    inner join {{ ref('stg_ops__school_nights') }} as nights
        on days.urn = nights.urn and days.session_date = nights.night and nights.status = 'in'
    inner join {{ ref('int_school_days') }} as school_days
        on days.urn = school_days.urn and days.session_date = school_days.session_date
),

ages as (
    select
        schools.urn,
        ages.age_school_days
    from {{ ref('stg_city__schools') }} as schools
    cross join generate_series(0, 40) as ages (age_school_days)
),

-- sessions that were seen at this age, and of them those whose class changed at it
at_age as (
    select
        ages.urn,
        ages.age_school_days,
        coalesce(sum(watched.sessions_known), 0) as sessions_watched,
        coalesce(max(changes.changes), 0) as changes
    from ages
    left join watched on ages.urn = watched.urn and ages.age_school_days <= watched.age_school_days
    left join {{ ref('int_late_changes') }} as changes
        on ages.urn = changes.urn and ages.age_school_days = changes.age_school_days
    group by ages.urn, ages.age_school_days
),

-- changes still to come after an age: the sum over all later ages with enough sessions to speak of
still_to_come as (
    select
        urn,
        age_school_days,
        sessions_watched,
        changes,
        sum(
            case
                when sessions_watched >= {{ var('settled_min_sessions') }}
                    then least(changes, sessions_watched) * 100000 / sessions_watched
                else 0
            end
        ) over (partition by urn order by age_school_days desc) as per_100000
    from at_age
),

own_history as (
    select
        urn,
        max(sessions_watched) as sessions_watched,
        sum(changes) as changes_watched,
        max(age_school_days) filter (where sessions_watched >= {{ var('settled_min_sessions') }}) as oldest_age,
        min(age_school_days) filter (where per_100000 <= {{ var('settled_per_100000') }}) as settled_age,
        max(per_100000) filter (where age_school_days = 1) as per_100000_after_a_day
    from still_to_come
    group by urn
),

settled as (
    select
        own_history.*,
        coalesce(own_history.oldest_age, 0) >= {{ var('settled_default_school_days') }} as is_own_history
    from own_history
),

ages_settled as (
    select
        settled.*,
        case when settled.is_own_history then settled.settled_age else {{ var('settled_default_school_days') }} end
            as settled_after_school_days
    from settled
)

select
    ages_settled.urn,
    ages_settled.sessions_watched::integer as sessions_watched,
    ages_settled.changes_watched::integer as changes_watched,
    ages_settled.is_own_history,
    ages_settled.settled_after_school_days,
    (
        select max(days.session_date)
        from days
        inner join newest on days.urn = newest.urn
        where
            days.urn = ages_settled.urn
            and newest.school_day_no - days.school_day_no >= ages_settled.settled_after_school_days
    ) as settled_until,
    case when ages_settled.is_own_history then ages_settled.per_100000_after_a_day::integer end
        as late_changes_per_100000
from ages_settled
