{#-
    Every indicator in every division of the policy into axes, with its latest value and its target: one row per
    indicator and division, for a chart that shows one division at a time. Never add rows of two divisions.
-#}
with division as (
    select distinct division
    from {{ ref('dim_axis') }}
),

placed as (
    select
        axis.indicator_code,
        division.division,
        case division.division
            when 'PONAM 2014' then axis.axis_code
            when 'Plan 2020-2024' then axis.axis_2020_code
            when 'Révision 2025' then axis.axis_2025_code
        end as axis_code,
        case division.division
            when 'PONAM 2014' then axis.axis_name_fr
            when 'Plan 2020-2024' then axis.axis_2020_name_fr
            when 'Révision 2025' then axis.axis_2025_name_fr
        end as axis_name_fr
    from {{ ref('indicator_axes') }} as axis
    cross join division
)

select
    placed.division as division_name_fr,
    indicator.indicator_code,
    indicator.name_fr as indicator_name_fr,
    unit.name_fr as unit_name_fr,
    latest.period_name_fr,
    latest.obs_status_name_fr,
    placed.axis_code as division_axis_code,
    -- Its wording or its rank is not in any source of the project.
    concat(placed.axis_name_fr, case when not axis.is_verified then ' (à confirmer)' end) as division_axis_name_fr,
    coalesce(latest.value_fr, 'pas de donnée') as value_fr,
    coalesce(progress.status_name_fr, 'Aucune cible') as status_name_fr,
    coalesce(latest.source_fr, indicator.no_value_reason_fr) as source_or_reason_fr
from {{ ref('dim_indicator') }} as indicator
inner join placed on indicator.indicator_code = placed.indicator_code
left join {{ ref('dim_axis') }} as axis on placed.axis_code = axis.axis_code
inner join {{ ref('dim_unit') }} as unit on indicator.unit_code = unit.unit_code
left join {{ ref('rpt_key_figures') }} as latest on indicator.indicator_code = latest.indicator_code
left join {{ ref('rpt_progress') }} as progress on indicator.indicator_code = progress.indicator_code
