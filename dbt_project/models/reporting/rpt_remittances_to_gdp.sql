{#-
    Which GDP? The remittances that are current for PON-4-01 over each of the BCEAO's two GDP series, in French. Beside
    SDG 17.3.2, never in its place.
-#}
select
    'PON-4-03' as indicator_code,
    axis.axis_name_fr,
    ratio.period_code,
    period.name_fr as period_name_fr,
    period.period_start,
    period.year,
    gdp.name_fr as gdp_name_fr,
    remittances.name_fr as remittances_concept_name_fr,
    ratio.share_pct,
    {{ french_number('ratio.share_pct', 2) }} as share_fr,
    {{ french_number('ratio.remittances_bn_xof', 1) }} as remittances_fr,
    {{ french_number('ratio.gdp_bn_xof', 1) }} as gdp_fr,
    status.name_fr as obs_status_name_fr,
    concat(
        'Recalcul de l’entrepôt d’après : ', remittances_source.source_fr,
        case when gdp_source.source_fr != remittances_source.source_fr then ' ; ' || gdp_source.source_fr end
    ) as source_fr
from {{ ref('fct_remittances_to_gdp') }} as ratio
inner join {{ ref('fct_indicator_values') }} as value
    on ratio.remittances_figure_id = value.figure_ids and value.indicator_code = 'PON-4-01' and value.is_current
inner join {{ ref('dim_concept') }} as remittances on ratio.remittances_concept_code = remittances.concept_code
inner join {{ ref('indicator_axes') }} as axis on axis.indicator_code = 'PON-4-03'
inner join {{ ref('dim_period') }} as period on ratio.period_code = period.period_code
inner join {{ ref('dim_concept') }} as gdp on ratio.gdp_concept_code = gdp.concept_code
inner join {{ ref('dim_obs_status') }} as status on ratio.obs_status = status.obs_status
inner join {{ ref('figure_sources') }} as remittances_source on ratio.remittances_figure_id = remittances_source.figure_id
inner join {{ ref('figure_sources') }} as gdp_source on ratio.gdp_figure_id = gdp_source.figure_id
