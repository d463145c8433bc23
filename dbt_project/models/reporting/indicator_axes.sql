{#-
    The axis of each indicator in each division of the policy, one row per indicator: a chart may show either. The last
    link of a division is taken; of the revision of 2025 only the number of axes is known, so that nothing is linked yet.
-#}
with link as (
    select distinct on (bridge.indicator_code, axis.division)
        bridge.indicator_code,
        axis.division,
        axis.axis_code,
        axis.name_fr
    from {{ ref('bridge_indicator_axis') }} as bridge
    inner join {{ ref('dim_axis') }} as axis on bridge.axis_code = axis.axis_code
    order by bridge.indicator_code asc, axis.division asc, bridge.valid_from desc
)

select
    indicator.indicator_code,
    max(link.axis_code) filter (where link.division = '{{ var("axis_division") }}') as axis_code,
    coalesce(
        max(link.name_fr) filter (where link.division = '{{ var("axis_division") }}'), 'Non rattaché'
    ) as axis_name_fr,
    max(link.axis_code) filter (where link.division = 'Plan 2020-2024') as axis_2020_code,
    coalesce(max(link.name_fr) filter (where link.division = 'Plan 2020-2024'), 'Non rattaché') as axis_2020_name_fr,
    max(link.axis_code) filter (where link.division = 'Révision 2025') as axis_2025_code,
    coalesce(
        max(link.name_fr) filter (where link.division = 'Révision 2025'), 'Non rattaché (libellés non publiés)'
    ) as axis_2025_name_fr
from {{ ref('dim_indicator') }} as indicator
left join link on indicator.indicator_code = link.indicator_code
group by indicator.indicator_code
