{#-
    The values by region and cercle in French: those that are known first. Territories that have none for one and the same
    reason may be shown as one line that counts them (`is_shown`, `shown_as_fr`).
-#}
select
    territory.series_code,
    territory.series_name_fr,
    territory.unit_code,
    territory.period_code,
    case territory.period_code
        when '_Z' then 'Aucune période' else {{ french_period('territory.period_code') | indent(8) }}
    end as period_name_fr,
    territory.period_start,
    territory.period_end,
    territory.division,
    territory.territory_code,
    concat(territory.territory_name_fr, case when not known.is_verified then ' (à confirmer)' end) as territory_name_fr,
    territory.territory_kind,
    territory.region_code,
    territory.origin_area_code,
    territory.value,
    territory.qualifier,
    territory.state,
    territory.reason_fr,
    territory.source_fr,
    coalesce(territory.reason_fr, territory.source_fr) as source_or_reason_fr,
    case territory.state
        when 'value' then 'valeur'
        when 'zero' then 'zéro'
        when 'confidential' then 'confidentiel'
        when 'no_data' then 'pas de donnée'
    end as state_fr,
    array_position(array['value', 'zero', 'confidential', 'no_data'], territory.state) as state_rank,
    case territory.state
        when 'confidential' then 'confidentiel'
        when 'no_data' then 'pas de donnée'
        else {{ french_qualified('territory.value', 'unit.decimals') | indent(8) }}
    end as value_fr,
    unit.name_fr as unit_name_fr,
    territory.state != 'no_data' or row_number() over (alike order by territory.territory_code) = 1 as is_shown,
    case
        when territory.state = 'no_data' and count(*) over alike > 1
            then concat(
                {{ french_number('count(*) over alike', 0) | indent(16) }}, ' ',
                case territory.territory_kind when 'region' then 'régions' when 'cercle' then 'cercles' else 'territoires' end
            )
        else concat(territory.territory_name_fr, case when not known.is_verified then ' (à confirmer)' end)
    end as shown_as_fr
from {{ ref('territory_values') }} as territory
inner join {{ ref('dim_territory') }} as known
    on territory.territory_code = known.area_code and territory.division = known.division
inner join {{ ref('dim_unit') }} as unit on territory.unit_code = unit.unit_code
inner join {{ ref('qualifiers') }} as qualifier on territory.qualifier = qualifier.code
window
    alike as (
        partition by
            territory.series_code, territory.period_code, territory.division, territory.territory_kind, territory.state,
            territory.reason_fr
    )
