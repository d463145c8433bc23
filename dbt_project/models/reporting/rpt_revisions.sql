-- Every value that a later delivery replaced, withdrew, brought back or reclassified, in French, with both deliveries and what
-- they print.
select
    revision.dataset_code,
    revision.series_key,
    measure.indicator_code,
    coalesce(indicator.name_fr, measure.name_fr) as indicator_name_fr,
    coalesce(measure.axis_name_fr, 'Hors catalogue') as axis_name_fr,
    coalesce(measure.name_fr, revision.series_key) as measure_name_fr,
    revision.period_code,
    {{ french_period('revision.period_code') | indent(4) }} as period_name_fr,
    {{ period_year('revision.period_code') | indent(4) }} as year,
    concat(
        case revision.kind
            when 'replaced' then 'Remplacée' when 'withdrawn' then 'Retirée' when 'restored' then 'Rétablie'
            when 'reclassified' then 'Reclassée'
        end, reclassified.said_fr
    ) as kind_fr,
    {{ french_plain('revision.old_value') | indent(4) }} as old_value_fr,
    {{ french_plain('revision.new_value') | indent(4) }} as new_value_fr,
    {{ french_number('revision.delta', french_decimals('revision.delta')) | indent(4) }} as delta_fr,
    {{ french_number('revision.relative_delta_pct', 2) | indent(4) }} as relative_delta_pct_fr,
    unit.name_fr as unit_name_fr,
    old_delivery.publisher_name_fr,
    revision.old_delivery_id,
    revision.new_delivery_id,
    {{ delivery_words('old_delivery') | indent(4) }} as old_source_fr,
    {{ delivery_words('new_delivery') | indent(4) }} as new_source_fr,
    revision.old_literal,
    revision.new_literal,
    revision.new_locator,
    revision.published_on,
    {{ french_dated('revision.published_on') }} as published_on_fr,
    case
        when revision.kind != 'restored' then concat(
            {{ counted('summary.periods_revised', 'période', 'périodes') | indent(12) }}, ' sur ', summary.periods_known,
            case when summary.is_whole_history then ' : toute la série, nouvelle base ou nouvelle méthode' end
        )
    end as extent_fr
from {{ ref('revisions') }} as revision
left join {{ ref('revision_summary') }} as summary
    on
        revision.dataset_code = summary.dataset_code
        and revision.series_key = summary.series_key
        and revision.new_delivery_id = summary.new_delivery_id
inner join {{ ref('rpt_deliveries') }} as old_delivery on revision.old_delivery_id = old_delivery.delivery_id
inner join {{ ref('rpt_deliveries') }} as new_delivery on revision.new_delivery_id = new_delivery.delivery_id
left join {{ ref('measure_indicators') }} as measure on revision.measure_code = measure.measure_code
left join {{ ref('dim_indicator') }} as indicator on measure.indicator_code = indicator.indicator_code
left join {{ ref('dim_unit') }} as unit on revision.unit_code = unit.unit_code
left join lateral (
    select
        ' ('
        || string_agg(
            case changed.code
                when 'period_code' then 'période' when 'measure_code' then 'mesure' when 'unit_code' then 'unité'
                when 'concept_code' then 'notion' when 'qualifier' then 'mention' when 'obs_status' then 'statut'
                else 'ventilation'
            end, ', ' order by changed.code
        )
        || ')' as said_fr
    from jsonb_object_keys(revision.reclassified) as changed (code)
) as reclassified on true
