-- One row per enrolment, kind and episode of continuous unauthorised absence that reached the days of the law.
-- attendance_return: ten school days of G, N, O or U; deletion_ground: twenty of G, N or O, ground (i).
with runs as (
    select * from {{ ref('int_continuous_runs') }}
    where
        kind in ('attendance_return', 'deletion_ground')
        and reached_date is not null
        and last_date >= {{ academic_year_start() }}
),

enrolments as (
    select * from {{ ref('int_enrolments_current') }}
)

select
    runs.kind,
    runs.enrolment_id,
    row_number() over (partition by runs.kind, runs.enrolment_id order by runs.first_session_no)::integer as episode_no,
    runs.person_id,
    runs.urn,
    runs.first_date,
    runs.reached_date,
    runs.last_date,
    runs.sessions,
    runs.school_days,
    runs.sessions_g,
    runs.sessions_n,
    runs.sessions_o,
    runs.sessions_u,
    runs.sessions_bridged,
    runs.sessions_unknown,
    runs.sessions_n > 0 as is_provisional,
    runs.sessions_unknown > 0 as rests_on_unknown,
    runs.reached_date between enrolments.compulsory_from and enrolments.compulsory_until as is_compulsory_age,
    runs.is_open
from runs
inner join enrolments on runs.enrolment_id = enrolments.enrolment_id
where {{ may_be_compulsory_age('runs.reached_date', 'enrolments') }}
