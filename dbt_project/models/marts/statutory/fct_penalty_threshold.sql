-- One row per child and episode in which the threshold for a penalty notice was met, week after week without a gap.
-- Met in a school week when that week and the nine before it hold ten sessions of G, N, O or U; the evidence is of the
-- episode's latest week, the one that a decision would rest on.
{%- set look_back = (var('penalty_school_weeks') | int(10)) - 1 %}
with windows as (
    select
        person_id,
        week_no,
        week_start,
        sessions,
        session_dates,
        sum(sessions) over (
            partition by person_id
            order by week_no rows between {{ look_back }} preceding and current row
        ) as window_sessions,
        max(week_no) over (partition by person_id) as child_last_week_no
    from {{ ref('int_penalty_weeks') }}
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

-- the evidence of the few latest weeks alone: a frame that slides over every child's weeks is added up at each of them
evidence as (
    select
        episodes.person_id,
        episodes.week_no,
        sum(weeks.sessions_pending) as sessions_pending,
        {% for letter in ['g', 'n', 'o', 'u'] -%}
            sum(weeks.sessions_{{ letter }})::integer as sessions_{{ letter }},
        {% endfor -%}
        min(weeks.session_dates[1]) as first_date,
        max(weeks.session_dates[cardinality(weeks.session_dates)]) as last_date,
        min(weeks.week_start) as first_week,
        min(weeks.least_urn) <> max(weeks.greatest_urn) as is_across_schools,
        sum(weeks.sessions_unknown)::integer as sessions_unknown,
        -- the school of the window's last session: the week's number leads, so that the latest week has the greatest
        (max(weeks.week_no::bigint * 10000000 + weeks.last_urn) % 10000000)::integer as last_urn
    from episodes
    inner join {{ ref('int_penalty_weeks') }} as weeks
        on
            episodes.person_id = weeks.person_id
            and weeks.week_no between episodes.week_no - {{ look_back }} and episodes.week_no
    group by episodes.person_id, episodes.week_no
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
    evidence.last_urn as urn,
    episodes.first_met_week,
    episodes.week_start as last_met_week,
    episodes.reached_date,
    evidence.first_week as window_first_week,
    evidence.first_date,
    evidence.last_date,
    episodes.window_sessions::integer as sessions,
    episodes.most_sessions::integer as most_sessions,
    {% for letter in ['g', 'n', 'o', 'u'] -%}
        evidence.sessions_{{ letter }},
    {% endfor -%}
    (episodes.window_sessions - evidence.sessions_pending)::integer as sessions_without_pending,
    evidence.sessions_unknown,
    evidence.is_across_schools,
    episodes.window_sessions - evidence.sessions_pending < {{ var('penalty_sessions') }} as is_provisional,
    not children.is_of_unknown_age as is_age_known,
    children.is_on_roll and episodes.week_no = episodes.child_last_week_no as is_open
from episodes
inner join evidence on episodes.person_id = evidence.person_id and episodes.week_no = evidence.week_no
inner join children on episodes.person_id = children.person_id
