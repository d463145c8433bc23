-- Detections, not persons: one person may be detected several times. The printed total is a figure of its own.
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
    'A' as obs_status,
    {{ provenance('record') }}
from {{ ref('stg_international__frontex_detections') }} as record
inner join {{ ref('series_measures') }} as series
    on record.dataset_code = series.dataset_code and record.route_label = series.series_code
where record.value is not null
