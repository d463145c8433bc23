-- Only the lines that series_measures names become figures: GDP, and what the tables say of remittances.
select
    series.measure_code,
    record.period_code,
    record.area_code,
    '_T' as counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    series.concept_code,
    trim_scale(record.value * series.factor) as value,
    series.unit_code,
    '=' as qualifier,
    record.obs_status,
    {{ provenance('record') }}
from {{ ref('stg_bceao__bulletin') }} as record
inner join {{ ref('series_measures') }} as series
    on
        record.dataset_code = series.dataset_code
        and record.table_code = series.series_code
        and series.item_label in ('*', record.item_label)
        and record.unit_label = series.printed_unit
where record.value is not null
