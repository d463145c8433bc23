{#-
    One figure per country: several posts of a country are added up, as they stand in service; a post that has not
    answered leaves the country's figure partial, which makes it provisional. The total of all posts is the one that the
    workbook prints: it stands as a figure of its own beside the countries.
-#}
with post as (
    select
        *,
        count(*) filter (where value is null) over country as posts_without_answer
    from {{ ref('stg_ministry__consular_documents') }}
    where is_in_service and record_kind = 'data'
    window country as (partition by measure_code, counterpart_area_code, period_code)
),

country as (
    select
        measure_code,
        period_code,
        counterpart_area_code,
        unit_code,
        publisher_code,
        dataset_code,
        sum(value) as value,
        case when max(posts_without_answer) > 0 then 'P' else 'A' end as obs_status,
        min(figure_id) as figure_id,
        max(published_on) as published_on,
        null::date as valid_to,
        max(delivery_id) as delivery_id,
        string_agg(record_locator, ' + ' order by figure_id) as record_locator,
        string_agg(record_literal, ' + ' order by figure_id) as record_literal
    from post
    where value is not null
    group by measure_code, period_code, counterpart_area_code, unit_code, publisher_code, dataset_code
),

figure as (
    select * from country
    union all
    select
        total.measure_code,
        total.period_code,
        '_T' as counterpart_area_code,
        total.unit_code,
        total.publisher_code,
        total.dataset_code,
        total.value,
        case
            when
                exists (
                    select 1
                    from country
                    where
                        country.measure_code = total.measure_code
                        and country.period_code = total.period_code
                        and country.obs_status = 'P'
                )
                then 'P'
            else 'A'
        end as obs_status,
        total.figure_id,
        total.published_on,
        total.valid_to,
        total.delivery_id,
        total.record_locator,
        total.record_literal
    from {{ ref('stg_ministry__consular_documents') }} as total
    where total.record_kind = 'total' and total.value is not null
)

select
    figure.measure_code,
    figure.period_code,
    'MLI' as area_code,
    figure.counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    '_T' as concept_code,
    figure.value,
    figure.unit_code,
    '=' as qualifier,
    figure.obs_status,
    {{ provenance('figure') }}
from figure
