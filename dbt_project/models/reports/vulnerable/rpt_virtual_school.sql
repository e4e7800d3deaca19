-- One row per child who is looked after or has a social worker (in need, protection plan): figures now, and what moved.
select
    sheet.person_id,
    sheet.plan_status,
    sheet.all_plans,
    sheet.plan_status = 'lac' as is_looked_after,
    sheet.responsible_la,
    sheet.responsible_la <> '{{ var("la_code") }}' as is_another_las_responsibility,
    sheet.home_la,
    sheet.is_on_roll,
    sheet.urn,
    sheet.link_officer,
    sheet.sessions_possible,
    sheet.sessions_absent,
    sheet.absence_rate,
    sheet.is_persistently_absent,
    sheet.is_severely_absent,
    sheet.rolling_absence_rate,
    sheet.rolling_absence_rate - sheet.absence_rate as rolling_less_year,
    sheet.coverage_rate,
    movers.band_before,
    movers.band_now,
    coalesce(movers.is_worse, false) as is_worse,
    sheet.has_part_time_plan,
    sheet.last_contact_date,
    sheet.next_meeting_date,
    sheet.is_meeting_overdue
from {{ ref('fct_plan_sheet') }} as sheet
left join {{ ref('rpt_movers') }} as movers on sheet.person_id = movers.person_id
where sheet.plan_status in ('lac', 'cp', 'cin')
