-- One row per child and episode in which the threshold for a penalty notice was met, week after week without a gap.
-- Met in a school week when that week and the nine before it hold ten sessions of G, N, O or U; the evidence is of the
-- episode's latest week, the one that a decision would rest on.
with windows as (
    select
        weeks.*,
        sum(weeks.sessions) over latest as window_sessions,
        sum(weeks.sessions_pending) over latest as window_pending,
        {% for letter in ['g', 'n', 'o', 'u'] -%}
            sum(sessions_{{ letter }}) over latest as window_{{ letter }},
        {% endfor -%}
        min(weeks.session_dates[1]) over latest as first_date,
        max(weeks.session_dates[cardinality(weeks.session_dates)]) over latest as last_date,
        min(weeks.week_start) over latest as window_first_week,
        min(weeks.least_urn) over latest as window_least_urn,
        max(weeks.greatest_urn) over latest as window_greatest_urn,
        sum(weeks.sessions_unknown) over latest as window_unknown,
        -- the school of the window's last session: the week's number leads, so that the latest week has the greatest
        max(weeks.week_no::bigint * 10000000 + weeks.last_urn) over latest % 10000000 as window_last_urn,
        max(weeks.week_no) over (partition by weeks.person_id) as child_last_week_no
    from {{ ref('int_penalty_weeks') }} as weeks
    window latest as (
        partition by person_id
        order by week_no rows between {{ (var('penalty_school_weeks') | int(10)) - 1 }} preceding and current row
    )
),

met as (
    select
        windows.*,
        windows.week_no - row_number() over (partition by windows.person_id order by windows.week_no) as episode_key
    from windows
    where windows.window_sessions >= {{ var('penalty_sessions') }}
),

ordered as (
    select
        met.*,
        row_number() over (partition by met.person_id, met.episode_key order by met.week_no desc) as from_latest,
        first_value(met.week_start) over episode as first_met_week,
        -- the session of the first met week that made it ten
        first_value(
            met.session_dates[({{ var("penalty_sessions") }} - (met.window_sessions - met.sessions))::integer]
        ) over episode as reached_date,
        max(met.window_sessions) over (partition by met.person_id, met.episode_key) as most_sessions
    from met
    window episode as (partition by person_id, episode_key order by week_no)
),

episodes as (
    select * from ordered
    where from_latest = 1 and week_start >= {{ academic_year_start() }} - 6
),

children as (
    select
        person_id,
        bool_or(is_on_roll) as is_on_roll,
        bool_or(birth_month is null) as is_of_unknown_age
    from {{ ref('int_enrolments_current') }}
    group by person_id
)

select
    episodes.person_id,
    row_number() over (partition by episodes.person_id order by episodes.week_no)::integer as episode_no,
    episodes.window_last_urn::integer as urn,
    episodes.first_met_week,
    episodes.week_start as last_met_week,
    episodes.reached_date,
    episodes.window_first_week,
    episodes.first_date,
    episodes.last_date,
    episodes.window_sessions::integer as sessions,
    episodes.most_sessions::integer as most_sessions,
    {% for letter in ['g', 'n', 'o', 'u'] -%}
        episodes.window_{{ letter }}::integer as sessions_{{ letter }},
    {% endfor -%}
    (episodes.window_sessions - episodes.window_pending)::integer as sessions_without_pending,
    episodes.window_unknown::integer as sessions_unknown,
    episodes.window_least_urn <> episodes.window_greatest_urn as is_across_schools,
    episodes.window_sessions - episodes.window_pending < {{ var('penalty_sessions') }} as is_provisional,
    not children.is_of_unknown_age as is_age_known,
    children.is_on_roll and episodes.week_no = episodes.child_last_week_no as is_open
from episodes
inner join children on episodes.person_id = children.person_id
