-- Month by month, each kind of return, sex and country apart; the printed totals are figures of their own.
select
    record.measure_code,
    record.period_code,
    'MLI' as area_code,
    record.counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    record.sex_code,
    record.concept_code,
    record.value,
    record.unit_code,
    '=' as qualifier,
    'A' as obs_status,
    {{ provenance('record') }}
from {{ ref('stg_ministry__returns') }} as record
where record.value is not null
