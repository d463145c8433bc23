-- Persons born in Mali, by host country: modelled from censuses and registers, hence estimated.
select
    'migrant_stock' as measure_code,
    record.period_code,
    'MLI' as area_code,
    record.counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    'BORN_IN_MALI' as concept_code,
    record.value,
    'PERSONS' as unit_code,
    '=' as qualifier,
    'E' as obs_status,
    {{ provenance('record') }}
from {{ ref('stg_international__undesa_migrant_stock') }} as record
where record.value is not null
