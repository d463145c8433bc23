-- Figures in service that stand beside one another, in French: who says what, which one is current, and why.
select
    figure.figure_id,
    measure.indicator_code,
    coalesce(indicator.name_fr, measure.name_fr) as indicator_name_fr,
    measure.axis_name_fr,
    measure.name_fr as measure_name_fr,
    figure.period_code,
    {{ french_period('figure.period_code') | indent(4) }} as period_name_fr,
    extract(year from figure.period_end)::integer as year,
    {{ breakdown_words('area', 'counterpart', 'sector', 'funder', 'sex') | indent(4) }} as breakdown_fr,
    figure.concept_fr as concept_name_fr,
    figure.value,
    -- As many decimals as it was printed with: 534,97 and 535,0 must not look alike.
    {{ french_qualified('figure.value', 'greatest(unit.decimals, ' ~ french_decimals('figure.value') ~ ')') | indent(4) }}
        as value_fr,
    unit.name_fr as unit_name_fr,
    status.name_fr as obs_status_name_fr,
    figure.publisher_code,
    figure.publisher_fr as publisher_name_fr,
    figure.published_on,
    {{ french_dated('figure.published_on') }} as published_on_fr,
    source.source_fr,
    concat(source.said_by_fr, ', ', lower(status.name_fr), ' (', source.dated_fr, ')') as said_by_fr,
    figure.is_disagreement,
    figure.is_current,
    case when figure.is_current then 'En vigueur' else 'Écartée' end as choice_fr,
    figure.difference,
    case
        when not figure.is_current
            then {{ french_number('figure.difference', french_decimals('figure.difference')) | indent(16) }}
    end as difference_fr,
    case
        when not figure.is_current then {{ french_number('figure.relative_difference_pct', 1) | indent(8) }}
    end as relative_difference_pct_fr,
    figure.why_fr,
    figure.record_locator,
    figure.record_literal,
    figure.delivery_id
from {{ ref('conflicts') }} as figure
inner join {{ ref('figure_sources') }} as source on figure.figure_id = source.figure_id
inner join {{ ref('measure_indicators') }} as measure on figure.measure_code = measure.measure_code
left join {{ ref('dim_indicator') }} as indicator on measure.indicator_code = indicator.indicator_code
inner join {{ ref('dim_area') }} as area on figure.area_code = area.area_code
inner join {{ ref('dim_area') }} as counterpart on figure.counterpart_area_code = counterpart.area_code
inner join {{ ref('dim_sector') }} as sector on figure.sector_code = sector.sector_code
inner join {{ ref('dim_funder') }} as funder on figure.funder_code = funder.funder_code
inner join {{ ref('dim_sex') }} as sex on figure.sex_code = sex.sex_code
inner join {{ ref('dim_unit') }} as unit on figure.unit_code = unit.unit_code
inner join {{ ref('dim_obs_status') }} as status on figure.obs_status = status.obs_status
inner join {{ ref('qualifiers') }} as qualifier on figure.qualifier = qualifier.code
