{#-
    One figure per post, a part of its country's, which int_ministry__sums adds up; and the total that the workbook prints,
    a figure of its own. Where a post had not answered while it was in service, it is provisional.
-#}
select
    record.measure_code,
    record.period_code,
    'MLI' as area_code,
    record.counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    '_T' as concept_code,
    record.value,
    record.unit_code,
    '=' as qualifier,
    case
        when
            record.record_kind = 'total'
            and exists (
                select 1
                from {{ ref('stg_ministry__consular_documents') }} as silent
                where
                    silent.record_kind = 'data'
                    and silent.value is null
                    and record.measure_code = silent.measure_code
                    and record.period_code = silent.period_code
                    and silent.published_on < coalesce(record.valid_to, 'infinity')
                    and record.published_on < coalesce(silent.valid_to, 'infinity')
            )
            then 'P'
        else 'A'
    end as obs_status,
    {{ provenance('record') }},
    record.record_kind = 'data' as is_part
from {{ ref('stg_ministry__consular_documents') }} as record
where record.value is not null
