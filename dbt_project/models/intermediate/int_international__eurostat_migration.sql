-- Malians in the statistics of European countries; a flag of Eurostat is a status only when it says so.
select
    series.measure_code,
    record.period_code,
    record.area_code,
    record.counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    series.concept_code,
    trim_scale(record.value * series.factor) as value,
    series.unit_code,
    '=' as qualifier,
    case when record.flag like '%e%' then 'E' when record.flag like '%p%' then 'P' else 'A' end as obs_status,
    {{ provenance('record') }}
from {{ ref('stg_international__eurostat_migration') }} as record
inner join {{ ref('series_measures') }} as series
    on record.dataset_code = series.dataset_code and record.series_code = series.series_code
where record.value is not null
