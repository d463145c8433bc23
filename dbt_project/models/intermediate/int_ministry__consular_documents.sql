{#-
    One figure per country: several posts of a country are added up, as they stand in service; a post that has not
    answered leaves the country's figure partial, which makes it provisional.
-#}
with post as (
    select
        *,
        count(*) filter (where value is null) over country as posts_without_answer
    from {{ ref('stg_ministry__consular_documents') }}
    where is_in_service and record_kind = 'data'
    window country as (partition by measure_code, counterpart_area_code, period_code)
)

select
    measure_code,
    period_code,
    'MLI' as area_code,
    counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    '_T' as concept_code,
    unit_code,
    '=' as qualifier,
    publisher_code,
    null::date as valid_to,
    dataset_code,
    sum(value) as value,
    case when max(posts_without_answer) > 0 then 'P' else 'A' end as obs_status,
    min(figure_id) as figure_id,
    max(published_on) as published_on,
    max(delivery_id) as delivery_id,
    string_agg(record_locator, ' + ' order by figure_id) as record_locator,
    string_agg(record_literal, ' + ' order by figure_id) as record_literal
from post
where value is not null
group by measure_code, period_code, counterpart_area_code, unit_code, publisher_code, dataset_code
