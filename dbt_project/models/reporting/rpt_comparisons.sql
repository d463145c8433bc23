-- International series beside Mali's indicators, in French, with publisher, licence and what sets them apart.
-- Of each line of a chart: an edition does not bring every country, route or notion of a measure.
with latest as (
    select
        measure_code,
        counterpart_area_code,
        concept_code,
        max(published_on) as published_on
    from {{ ref('fct_comparisons') }}
    group by measure_code, counterpart_area_code, concept_code
)

select
    comparison.indicator_code,
    indicator.name_fr as indicator_name_fr,
    axis.axis_name_fr,
    axis.axis_2020_name_fr,
    axis.axis_2025_name_fr,
    comparison.measure_code,
    comparison.measure_name_fr,
    comparison.period_code,
    period.name_fr as period_name_fr,
    comparison.period_start,
    comparison.period_end,
    period.year,
    comparison.published_on >= comparison.period_end as is_complete,
    comparison.counterpart_area_code,
    counterpart.name_fr as counterpart_area_name_fr,
    comparison.concept_code,
    concept.name_fr as concept_name_fr,
    comparison.value,
    {{ french_number('comparison.value', 'unit.decimals') }} as value_fr,
    comparison.unit_code,
    unit.name_fr as unit_name_fr,
    status.name_fr as obs_status_name_fr,
    comparison.publisher_code,
    publisher.name_fr as publisher_name_fr,
    comparison.published_on,
    {{ french_dated('comparison.published_on') }} as published_on_fr,
    concat(publisher.name_fr, ', ', {{ french_published('comparison.published_on') }}) as source_fr,
    {{ french_dated('latest.published_on') }} as latest_published_on_fr,
    comparison.licence,
    comparison.difference_fr,
    comparison.delivery_id,
    comparison.record_locator,
    comparison.record_literal
from {{ ref('fct_comparisons') }} as comparison
inner join {{ ref('dim_indicator') }} as indicator on comparison.indicator_code = indicator.indicator_code
inner join {{ ref('indicator_axes') }} as axis on comparison.indicator_code = axis.indicator_code
inner join {{ ref('dim_period') }} as period on comparison.period_code = period.period_code
inner join {{ ref('dim_area') }} as counterpart on comparison.counterpart_area_code = counterpart.area_code
inner join {{ ref('dim_concept') }} as concept on comparison.concept_code = concept.concept_code
inner join {{ ref('dim_unit') }} as unit on comparison.unit_code = unit.unit_code
inner join {{ ref('dim_obs_status') }} as status on comparison.obs_status = status.obs_status
inner join {{ ref('dim_publisher') }} as publisher on comparison.publisher_code = publisher.publisher_code
inner join latest
    on
        comparison.measure_code = latest.measure_code
        and comparison.counterpart_area_code = latest.counterpart_area_code
        and comparison.concept_code = latest.concept_code
