-- Data and totals rows alike: the printed total is a figure of its own, recomputed elsewhere.
select
    record.measure_code,
    record.period_code,
    'MLI' as area_code,
    '_T' as counterpart_area_code,
    '_T' as sector_code,
    record.funder_code,
    '_T' as sex_code,
    '_T' as concept_code,
    record.value,
    record.unit_code,
    '=' as qualifier,
    'A' as obs_status,
    {{ provenance('record') }}
from {{ ref('stg_ofii__reintegration_projects') }} as record
where record.value is not null
