{#-
    Of the catalogue's indicators, how many have an observed value, at the end of each quarter that is over. A forecast
    or an announcement is no value. The indicator counts itself, since it always has one.
-#}
{%- set indicators = indicator_models() | length %}
with quarter as (
    select
        day::date as period_start,
        (day + interval '3 months - 1 day')::date as period_end,
        to_char(day, 'YYYY-"Q"Q') as period_code
    from generate_series(
        date_trunc('quarter', (select min(published_on) from {{ ref('indicator_publications') }})),
        {{ today() }} - interval '3 months',
        interval '3 months'
    ) as day
),

known as (
    select
        quarter.period_code,
        quarter.period_start,
        quarter.period_end,
        count(distinct publication.indicator_code) + 1 as indicators_with_value,
        max(publication.delivery_id) as delivery_id
    from quarter
    inner join {{ ref('indicator_publications') }} as publication
        on {{ known_on('publication', 'quarter.period_end') }}
    group by quarter.period_code, quarter.period_start, quarter.period_end
)

select
    known.period_code,
    known.period_start,
    known.period_end,
    {{ no_breakdown() }},
    '_T' as concept_code,
    trim_scale(round(known.indicators_with_value * 100.0 / {{ indicators }}, 2)) as value,
    'PCT' as unit_code,
    '=' as qualifier,
    'A' as obs_status,
    'computed' as origin,
    'ponam' as publisher_code,
    known.period_end as published_on,
    null::date as valid_to,
    known.delivery_id,
    delivery.dataset_code,
    known.indicators_with_value || ' indicateurs renseignés sur {{ indicators }}' as record_locator,
    known.indicators_with_value || ' ÷ {{ indicators }}' as record_literal,
    null::text as figure_ids
from known
inner join {{ ref('int_deliveries') }} as delivery on known.delivery_id = delivery.delivery_id
