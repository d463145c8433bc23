{{ config(materialized='table') }}
{#-
    Every figure that an accepted delivery ever brought, in the warehouse's codes and units: one row per
    measure × period × breakdown × concept × publisher × vintage. Nothing is dropped, chosen or repaired here.
-#}
{%- set figure_models = [
    'int_bceao__bulletin',
    'int_bceao__eden',
    'int_international__eurostat_migration',
    'int_international__frontex_detections',
    'int_international__iom_missing_migrants',
    'int_international__undesa_migrant_stock',
    'int_international__unhcr_population',
    'int_international__world_bank',
    'int_ministry__consular_documents',
    'int_ministry__figures',
    'int_ministry__remittance_citations',
    'int_ministry__returns',
    'int_ministry__sums',
    'int_ofii__reintegration_projects',
    'int_tokten__activities',
] %}

with figure as (
    {%- for figure_model in figure_models %}
    select
        figure.measure_code,
        figure.period_code,
        {{ breakdowns('figure') | indent(4) }},
        figure.concept_code,
        figure.value,
        figure.unit_code,
        figure.qualifier,
        figure.obs_status,
        {{ provenance('figure') | indent(4) }},
        {{ 'figure.figure_ids' if figure_model == 'int_ministry__sums' else 'figure.figure_id' }} as figure_ids,
        {{ 'figure.is_part' if figure_model == 'int_ministry__consular_documents' else 'false' }} as is_part
    from {{ ref(figure_model) }} as figure
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    figure.figure_id,
    figure.measure_code,
    figure.period_code,
    {{ period_start('figure.period_code') | indent(4) }} as period_start,
    {{ period_end('figure.period_code') | indent(4) }} as period_end,
    {{ breakdowns('figure') }},
    figure.concept_code,
    figure.value,
    figure.unit_code,
    coalesce(figure.unit_code = measure.unit_code, false) as is_in_measure_unit,
    figure.qualifier,
    figure.obs_status,
    figure.publisher_code,
    figure.published_on,
    figure.valid_to,
    figure.delivery_id,
    figure.dataset_code,
    figure.record_locator,
    figure.record_literal,
    figure.figure_ids,
    figure.is_part
from figure
left join {{ ref('measures') }} as measure on figure.measure_code = measure.code
