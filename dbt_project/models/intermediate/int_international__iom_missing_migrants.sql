-- Counts along a route are of all nationalities and stand for the world; only those tied to Mali stand for Mali.
select
    series.measure_code,
    record.period_code,
    case when series.concept_code like '%MALI' then 'MLI' else 'WLD' end as area_code,
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
from {{ ref('stg_international__iom_missing_migrants') }} as record
inner join {{ ref('series_measures') }} as series
    on record.dataset_code = series.dataset_code and record.series_code = series.series_code
where record.value is not null
