-- One row per child on a roll and not persistently absent so far: how likely it is to be so at the year's end, and why.
-- Points are printed in early_signal_weights; each band's quality was measured on schools not used to set them.
with children as (
    select * from {{ ref('int_early_features') }}
),

facts as (
    select
        children.person_id,
        facts.feature,
        facts.fact
    from children
    cross join lateral (
        values
        (
            case
                when children.share_ahead >= 60 then 'rate_much_ahead'
                when children.share_ahead >= 30 then 'rate_half_ahead'
                else 'rate_little_ahead'
            end, children.rate_so_far
        ),
        ('recent_rate', children.recent_rate),
        ('absent_weeks', children.absent_weeks_share),
        ('unauthorised_share', children.unauthorised_share)
    ) as facts (feature, fact)
),

points as (
    select
        facts.person_id,
        sum(weights.points)::integer as points
    from facts
    inner join {{ ref('early_signal_weights') }} as weights
        on facts.feature = weights.feature and facts.fact between weights.value_from and weights.value_to
    group by facts.person_id
),

years as (
    select max(academic_year) as academic_year from {{ ref('stg_city__periods') }}
    where period_type = 'year' and first_day = {{ academic_year_start() }}
)

select
    children.person_id,
    years.academic_year,
    children.urn,
    points.points,
    bands.band_no,
    bands.band,
    scores.precision_pct as precision_in_band_pct,
    scores.baseline_precision_pct as baseline_in_band_pct,
    scores.base_rate_pct,
    scores.scored as children_scored_in_band,
    -- further from the rate of all children than the baseline, on the band's own side of it
    abs(scores.precision_pct - scores.base_rate_pct) > abs(scores.baseline_precision_pct - scores.base_rate_pct)
        as beats_baseline,
    children.sessions_absent,
    children.sessions_possible,
    children.sessions_ahead,
    children.recent_absent as recent_sessions_absent,
    children.recent_possible as recent_sessions_possible,
    children.absent_weeks,
    children.weeks,
    children.sessions_unauthorised,
    children.sessions_unknown,
    -- the most sessions that can still be missed without becoming persistent, if all of the rest is possible
    greatest(
        ({{ var('persistent_absence_pct') }} * (children.sessions_possible + children.sessions_ahead) - 1) / 100
        - children.sessions_absent, 0
    ) as sessions_to_spare,
    'Absent for ' || children.sessions_absent || ' of ' || children.sessions_possible || ' sessions so far, '
    || children.recent_absent || ' of ' || children.recent_possible || ' in the last weeks, in '
    || children.absent_weeks || ' of ' || children.weeks || ' weeks, ' || children.sessions_unauthorised
    || ' of them unauthorised, with ' || children.sessions_ahead || ' sessions ahead: ' || points.points
    || ' points, ' || bands.band || '. Of children so placed in the back-test ' || scores.precision_pct
    || ' in 100 became persistent; by rate so far alone ' || scores.baseline_precision_pct || '.' as sentence
from children
inner join points on children.person_id = points.person_id
inner join {{ ref('early_signal_bands') }} as bands on points.points between bands.points_from and bands.points_to
inner join {{ ref('early_signal_scores') }} as scores on bands.band_no = scores.band_no
cross join years
