-- Claim:   the groups of each single dimension add up to all children, in every area, year and term.
-- Matters: a child without a group would be in the city's figure and in nobody's.
-- Remedy:  look for a null group in int_enrolment_groups; what nobody stated is a group of its own.
with totals as (
    select
        area_type,
        area,
        academic_year,
        period_type,
        period_name,
        dimension,
        sum(sessions_expected) as sessions_expected,
        sum(sessions_possible) as sessions_possible,
        sum(sessions_absent) as sessions_absent,
        sum(enrolments) as enrolments,
        sum(enrolments_persistently_absent) as enrolments_persistently_absent,
        sum(dfe_enrolments_persistently_absent) as dfe_enrolments_persistently_absent
    from {{ ref('agg_group_absence') }}
    group by 1, 2, 3, 4, 5, 6
)

select
    parts.area_type,
    parts.area,
    parts.dimension,
    parts.period_name
from totals as parts
inner join totals as whole
    on
        parts.area_type = whole.area_type
        and parts.area = whole.area
        and parts.academic_year = whole.academic_year
        and parts.period_type = whole.period_type
        and parts.period_name = whole.period_name
        and whole.dimension = 'all'
where
    parts.sessions_expected <> whole.sessions_expected
    or parts.sessions_possible <> whole.sessions_possible
    or parts.sessions_absent <> whole.sessions_absent
    or parts.enrolments <> whole.enrolments
    or parts.enrolments_persistently_absent <> whole.enrolments_persistently_absent
    or parts.dfe_enrolments_persistently_absent <> whole.dfe_enrolments_persistently_absent
