-- One row per enrolment and week (its Monday) with at least one expected session, as known.
-- A week's sessions are also kept as bit masks, so that due, known and unknown are compared without a row per session.
-- depends_on: {{ ref('stg_register__touched_weeks') }}
{{ config(
    sql_header="set local work_mem = '256MB'; set local max_parallel_workers_per_gather = 2;"
    ~ " set local parallel_setup_cost = 0;"
) }}
{%- set as_at = "date '" ~ var('as_at') ~ "'" %}

with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

codes as (
    select
        code,
        is_reason_pending,
        category = 'administrative' as is_administrative,
        {{ code_counters() }} as counters
    from {{ ref('attendance_codes') }}
),

build as (
    select coalesce(max(extract_id), 0) as extract_id from {{ ref('stg_register__extracts') }}
    where known_at <= {{ known_at() }}
),

{% if is_incremental() -%}
    {{ affected_weeks(as_at) }}
{%- endif %}

marks as (
    select
        marks.enrolment_id,
        marks.code,
        marks.half,
        marks.session_date,
        {{ week_start('marks.session_date') }} as week_start
    {{ known_marks() }}
    where
        marks.code is not null
        and marks.session_date <= {{ as_at }}
        and {{ as_known('marks') }}
),

mark_weeks as (
    select
        marks.enrolment_id,
        marks.week_start,
        coalesce(bit_or({{ session_bit('marks.session_date', 'marks.half') }}) filter (where codes.code is not null), 0)
            as known_sessions,
        coalesce(
            bit_or({{ session_bit('marks.session_date', 'marks.half') }}) filter (where codes.is_reason_pending), 0
        )
            as pending_sessions,
        coalesce(
            bit_or({{ session_bit('marks.session_date', 'marks.half') }}) filter (where codes.is_administrative), 0
        ) as closed_sessions,
        sum(codes.counters) as counters,
        count(*) filter (where codes.code is null) as sessions_unmapped
    from marks
    left join codes on marks.code = codes.code
    group by marks.enrolment_id, marks.week_start
),

school_weeks as (
    select
        urn,
        {{ week_start('session_date') }} as week_start,
        bit_or({{ session_bit('session_date', 'half') }}) as declared_sessions
    from {{ ref('stg_city__school_sessions') }}
    where session_date <= {{ as_at }}
    group by 1, 2
),

due_weeks as (
    select
        enrolments.enrolment_id,
        school_weeks.week_start,
        school_weeks.declared_sessions & {{ days_of_week(
            'greatest(enrolments.entry_date - school_weeks.week_start, 0)',
            'least(coalesce(enrolments.leaving_date - school_weeks.week_start, 6), 6)'
        ) }} as due_sessions
    {% if is_incremental() -%}
        from affected
        inner join enrolments on affected.enrolment_id = enrolments.enrolment_id
        inner join school_weeks
            on enrolments.urn = school_weeks.urn and affected.week_start = school_weeks.week_start
    {%- else -%}
        from enrolments
        inner join school_weeks on enrolments.urn = school_weeks.urn
    {%- endif %}
    where
        school_weeks.week_start >= enrolments.entry_date - 6
        and school_weeks.week_start <= coalesce(enrolments.leaving_date, {{ as_at }})
),

weeks as (
    {% if is_incremental() -%}
        select
            affected.enrolment_id,
            affected.week_start,
            {{ week_columns() }}
        from affected
        left join mark_weeks
            on affected.enrolment_id = mark_weeks.enrolment_id and affected.week_start = mark_weeks.week_start
        left join due_weeks
            on affected.enrolment_id = due_weeks.enrolment_id and affected.week_start = due_weeks.week_start
    {%- else -%}
        select
            coalesce(due_weeks.enrolment_id, mark_weeks.enrolment_id) as enrolment_id,
            coalesce(due_weeks.week_start, mark_weeks.week_start) as week_start,
            {{ week_columns() }}
        from due_weeks
        full outer join mark_weeks
            on due_weeks.enrolment_id = mark_weeks.enrolment_id and due_weeks.week_start = mark_weeks.week_start
    {%- endif %}
),

weeks_built as (
    select
        weeks.*,
        {{ as_at }} as built_as_at,
        build.extract_id as built_extract_id
    from weeks
    cross join build
    {% if not is_incremental() -%}
        where weeks.sessions_expected > 0
    {%- endif %}
)

select * from weeks_built
