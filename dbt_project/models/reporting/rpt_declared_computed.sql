-- Declared beside recomputed, one row per comparison, the verdict in words.
select
    comparison.indicator_code,
    indicator.name_fr as indicator_name_fr,
    axis.axis_code,
    axis.axis_name_fr,
    comparison.period_code,
    period.name_fr as period_name_fr,
    period.year,
    {{ breakdowns('comparison') }},
    comparison.concept_code,
    comparison.publisher_code,
    case comparison.comparison
        when 'recomputation' then 'Quotient recalculé'
        when 'sum over area_code' then 'Somme des territoires'
        when 'sum over sector_code' then 'Somme des secteurs'
        when 'sum over funder_code' then 'Somme des financeurs'
        when 'sum over counterpart_area_code' then 'Somme des pays'
        when 'sum over sex_code' then 'Somme des sexes'
    end as comparison_fr,
    comparison.declared_value,
    comparison.computed_value,
    comparison.difference,
    {{ french_number('comparison.declared_value', 'unit.decimals') }} as declared_value_fr,
    {{ french_number('comparison.computed_value', 'unit.decimals') }} as computed_value_fr,
    unit.name_fr as unit_name_fr,
    case comparison.verdict
        when 'holds' then 'Concordant'
        when 'differs' then 'Écart dans la même publication'
        when 'differs between editions' then 'Écart entre deux éditions'
    end as verdict_fr,
    source.source_fr,
    comparison.declared_locator,
    comparison.computed_locator
from {{ ref('fct_declared_computed') }} as comparison
inner join {{ ref('dim_indicator') }} as indicator on comparison.indicator_code = indicator.indicator_code
inner join {{ ref('indicator_axes') }} as axis on comparison.indicator_code = axis.indicator_code
inner join {{ ref('dim_period') }} as period on comparison.period_code = period.period_code
inner join {{ ref('dim_unit') }} as unit on comparison.unit_code = unit.unit_code
left join {{ ref('figure_sources') }} as source on comparison.declared_figure_id = source.figure_id
