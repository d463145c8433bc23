-- The transcription sheet already speaks the warehouse's codes; its literals were verified against the article.
select
    record.measure_code,
    record.period_code,
    record.area_code,
    record.counterpart_area_code,
    record.sector_code,
    record.funder_code,
    record.sex_code,
    record.concept_code,
    record.value,
    record.unit_code,
    record.qualifier,
    record.obs_status,
    {{ provenance('record', publisher='author_code') }}
from {{ ref('stg_ministry__figures') }} as record
where record.value is not null
