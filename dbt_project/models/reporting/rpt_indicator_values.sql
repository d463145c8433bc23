-- One row per value and vintage, in French, for charts: labels, formatted value, source and date of the data.
select
    value.indicator_code,
    indicator.name_fr as indicator_name_fr,
    axis.axis_code,
    axis.axis_name_fr,
    axis.axis_2020_code,
    axis.axis_2020_name_fr,
    axis.axis_2025_code,
    axis.axis_2025_name_fr,
    value.period_code,
    period.name_fr as period_name_fr,
    value.period_start,
    value.period_end,
    period.year,
    value.area_code,
    area.name_fr as area_name_fr,
    value.counterpart_area_code,
    counterpart.iso2 as counterpart_area_iso2,
    counterpart.name_fr as counterpart_area_name_fr,
    value.sector_code,
    sector.name_fr as sector_name_fr,
    value.funder_code,
    funder.short_name_fr as funder_name_fr,
    value.sex_code,
    value.concept_code,
    concept.name_fr as concept_name_fr,
    value.value,
    {{ french_qualified('value.value', 'unit.decimals') | indent(4) }} as value_fr,
    value.unit_code,
    unit.name_fr as unit_name_fr,
    value.qualifier,
    value.obs_status,
    status.name_fr as obs_status_name_fr,
    value.origin,
    origin.label_fr as origin_name_fr,
    value.publisher_code,
    publisher.name_fr as publisher_name_fr,
    value.published_on,
    {{ french_dated('value.published_on') }} as published_on_fr,
    value.delivery_id,
    delivery.edition,
    coalesce(source.said_by_fr, publisher.name_fr) as said_by_fr,
    coalesce(source.dated_fr, {{ french_dated('value.published_on') }}) as dated_fr,
    coalesce(source.source_fr, concat(publisher.name_fr, ', ', {{ french_dated('value.published_on') }})) as source_fr,
    value.record_locator,
    value.record_literal,
    value.figure_ids,
    value.is_current
from {{ ref('fct_indicator_values') }} as value
inner join {{ ref('dim_indicator') }} as indicator on value.indicator_code = indicator.indicator_code
inner join {{ ref('indicator_axes') }} as axis on value.indicator_code = axis.indicator_code
inner join {{ ref('dim_period') }} as period on value.period_code = period.period_code
inner join {{ ref('dim_area') }} as area on value.area_code = area.area_code
inner join {{ ref('dim_area') }} as counterpart on value.counterpart_area_code = counterpart.area_code
inner join {{ ref('dim_sector') }} as sector on value.sector_code = sector.sector_code
inner join {{ ref('dim_funder') }} as funder on value.funder_code = funder.funder_code
inner join {{ ref('dim_concept') }} as concept on value.concept_code = concept.concept_code
inner join {{ ref('dim_unit') }} as unit on value.unit_code = unit.unit_code
inner join {{ ref('dim_obs_status') }} as status on value.obs_status = status.obs_status
inner join {{ ref('dim_publisher') }} as publisher on value.publisher_code = publisher.publisher_code
inner join {{ ref('qualifiers') }} as qualifier on value.qualifier = qualifier.code
inner join {{ ref('origins') }} as origin on value.origin = origin.code
inner join {{ ref('dim_delivery') }} as delivery on value.delivery_id = delivery.delivery_id
left join {{ ref('value_sources') }} as source
    on value.figure_ids = source.figure_ids and value.origin = source.origin
