{#-
    The BCEAO's remittances over each of its two GDP series, side by side, the figures in force now: a comparison, and
    never SDG 17.3.2, which is PON-4-03: the former base makes the ratio larger than the rebased series does.
-#}
select
    remittances.period_code,
    remittances.concept_code as remittances_concept_code,
    gdp.concept_code as gdp_concept_code,
    remittances.value as remittances_bn_xof,
    gdp.value as gdp_bn_xof,
    remittances.publisher_code as remittances_publisher_code,
    gdp.publisher_code as gdp_publisher_code,
    remittances.figure_id as remittances_figure_id,
    gdp.figure_id as gdp_figure_id,
    trim_scale(round(remittances.value / gdp.value * 100, 2)) as share_pct,
    {{ least_certain('array[remittances.obs_status, gdp.obs_status]') }} as obs_status,
    greatest(remittances.in_force_from, gdp.in_force_from) as known_since,
    concat(
        remittances.dataset_code, ' ', remittances.record_locator, ' ÷ ', gdp.dataset_code, ' ', gdp.record_locator
    ) as evidence
from {{ ref('int_reference_figures') }} as remittances
inner join {{ ref('int_reference_figures') }} as gdp
    on
        remittances.period_code = gdp.period_code
        and {{ same_breakdowns('remittances', 'gdp') | indent(8) }}
        and gdp.measure_code = 'gdp'
        and gdp.concept_code in ('GDP_REBASED', 'GDP_FORMER_BASE')
        and gdp.value > 0
        and gdp.in_force_to is null
where
    remittances.measure_code = 'remittances_received'
    and remittances.in_force_to is null
    and {{ is_total('remittances') | indent(4) }}
