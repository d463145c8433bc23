{#-
    What the press says that an institution published: the publisher is the newspaper, and the figure counts as known
    from the day the institution spoke, where that day is known; a correction of what was transcribed, from its delivery.
    The rule of choice puts it after what institutions publish.
-#}
select
    record.measure_code,
    record.period_code,
    record.area_code,
    record.counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    record.concept_code,
    record.value,
    record.unit_code,
    record.qualifier,
    record.obs_status,
    record.figure_id,
    record.media_code as publisher_code,
    record.valid_to,
    record.delivery_id,
    record.dataset_code,
    record.record_locator,
    record.record_literal,
    case
        when row_number() over (
            partition by record.citation_code order by record.published_on, record.delivery_id
        ) = 1 then coalesce(record.stated_on, record.published_on)
        else record.published_on
    end as published_on
from {{ ref('stg_ministry__remittance_citations') }} as record
where record.value is not null
