-- One row per enrolment, session and amendment of its mark in this academic year: from which code to which, and when.
-- A version that was closed, beside the one that followed it; an open version is no amendment.
with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

codes as (
    select * from {{ ref('attendance_codes') }}
),

closed as materialized (
    select
        enrolments.person_id,
        enrolments.urn,
        marks.*
    from {{ ref('stg_register__marks') }} as marks
    inner join enrolments on marks.enrolment_id = enrolments.enrolment_id
    where
        not marks.is_current
        and marks.known_to <= {{ known_at() }}
        and marks.session_date >= {{ academic_year_start() }}
),

-- one look-up by key for each closed version, never a scan of the year's marks
followed as (
    select
        closed.*,
        successors.code as amended_code,
        successors.known_from is null as is_removed
    from closed
    left join lateral (
        select
            marks.code,
            marks.known_from
        from {{ ref('stg_register__marks') }} as marks
        where
            marks.enrolment_id = closed.enrolment_id
            and marks.session_date = closed.session_date
            and marks.half = closed.half
            and marks.known_from = closed.known_to
        offset 0
    ) as successors on true
),

nights as (
    select
        urn,
        known_at,
        max(night) as night
    from {{ ref('stg_register__extracts') }}
    group by urn, known_at
),

amended as (
    select
        followed.*,
        coalesce(nights.night, followed.known_to::date) as night
    from followed
    left join nights on followed.urn = nights.urn and followed.known_to = nights.known_at
    -- only minutes changed, or a session that was blank is told no more: no entry was amended
    where followed.code is distinct from followed.amended_code
),

school_days as (
    select distinct
        urn,
        session_date
    from {{ ref('int_school_sessions') }}
),

ages as (
    select
        spans.urn,
        spans.session_date,
        spans.night,
        count(school_days.session_date)::integer as age_school_days
    from (select distinct
        urn,
        session_date,
        night
    from amended) as spans
    left join school_days
        on
            spans.urn = school_days.urn
            and spans.session_date < school_days.session_date
            and spans.night >= school_days.session_date
    group by spans.urn, spans.session_date, spans.night
)

select
    amended.enrolment_id,
    amended.session_date,
    case amended.half when 1 then 'AM' else 'PM' end as session,
    amended.known_to as amended_at,
    amended.person_id,
    amended.urn,
    amended.night,
    amended.code as original_code,
    amended.amended_code,
    case
        when amended.is_removed then 'removed'
        when amended.amended_code is null then 'blanked'
        when amended.code is null then 'filled_in'
        when original.is_reason_pending then 'explained'
        when coalesce(original.category, '') <> coalesce(successor.category, '') then 'reclassified'
        else 'same_class'
    end as change,
    coalesce(original.category, 'unknown') as original_category,
    coalesce(successor.category, 'unknown') as amended_category,
    ages.age_school_days,
    ages.age_school_days > {{ var('n_code_school_days') }} as is_late,
    amended.known_from as original_known_from
from amended
inner join ages
    on
        amended.urn = ages.urn
        and amended.session_date = ages.session_date
        and amended.night = ages.night
left join codes as original on amended.code = original.code
left join codes as successor on amended.amended_code = successor.code
