-- Claim:   every severe absentee is a persistent absentee too.
-- Matters: the list of severe absentees is taken from the list of persistent ones.
-- Remedy:  correct the thresholds in the city's settings.
select 1 as is_wrong
where {{ var('severe_absence_pct') }} < {{ var('persistent_absence_pct') }}
