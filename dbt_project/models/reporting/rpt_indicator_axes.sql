{#-
    Every indicator in every division of the policy into axes, with its latest value and its target: one row per
    indicator and division, for a chart that shows one division at a time. Never add rows of two divisions.
-#}
with division as (
    select
        division,
        bool_or(wording_fr is not null) as is_worded
    from {{ ref('dim_axis') }}
    group by division
),

-- The last link of a division is taken.
link as (
    select distinct on (bridge.indicator_code, axis.division)
        bridge.indicator_code,
        axis.division,
        axis.axis_code,
        -- Its wording or its rank is not in any source of the project.
        concat(axis.name_fr, case when not axis.is_verified then ' (à confirmer)' end) as name_fr
    from {{ ref('bridge_indicator_axis') }} as bridge
    inner join {{ ref('dim_axis') }} as axis on bridge.axis_code = axis.axis_code
    order by bridge.indicator_code asc, axis.division asc, bridge.valid_from desc
)

select
    division.division as division_name_fr,
    indicator.indicator_code,
    indicator.name_fr as indicator_name_fr,
    unit.name_fr as unit_name_fr,
    latest.period_name_fr,
    latest.obs_status_name_fr,
    link.axis_code as division_axis_code,
    coalesce(
        link.name_fr, concat('Non rattaché', case when not division.is_worded then ' (libellés non publiés)' end)
    ) as division_axis_name_fr,
    coalesce(latest.value_fr, 'pas de donnée') as value_fr,
    coalesce(progress.status_name_fr, 'Aucune cible') as status_name_fr,
    coalesce(latest.source_fr, indicator.no_value_reason_fr) as source_or_reason_fr
from {{ ref('dim_indicator') }} as indicator
cross join division
left join link on indicator.indicator_code = link.indicator_code and division.division = link.division
inner join {{ ref('dim_unit') }} as unit on indicator.unit_code = unit.unit_code
left join {{ ref('rpt_key_figures') }} as latest on indicator.indicator_code = latest.indicator_code
left join {{ ref('rpt_progress') }} as progress on indicator.indicator_code = progress.indicator_code
