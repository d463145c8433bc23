{#-
    How late a source publishes: day of publication minus the day its calendar promised (end of the newest observed
    period it brings, plus the agreed delay), mean of the deliveries published in the quarter. Negative: early.
-#}
with delivery as (
    select
        *,
        published_on - expected_on as days_late,
        date_trunc('quarter', published_on) as quarter
    from {{ ref('int_deliveries') }}
    where expected_on is not null
)

select
    to_char(delivery.quarter, 'YYYY-"Q"Q') as period_code,
    delivery.quarter::date as period_start,
    (delivery.quarter + interval '3 months - 1 day')::date as period_end,
    {{ no_breakdown() }},
    coalesce('SOURCE_' || upper(delivery.source_code), '_T') as concept_code,
    trim_scale(round(avg(delivery.days_late), 1)) as value,
    'DAYS' as unit_code,
    '=' as qualifier,
    'A' as obs_status,
    'computed' as origin,
    'ponam' as publisher_code,
    max(delivery.published_on) as published_on,
    null::date as valid_to,
    max(delivery.delivery_id) as delivery_id,
    (array_agg(delivery.dataset_code order by delivery.delivery_id desc))[1] as dataset_code,
    string_agg(
        concat(
            delivery.dataset_code, ' ', delivery.edition, ' : ', {{ french_published('delivery.published_on') }},
            ', attendu le ', {{ french_date('delivery.expected_on') }}
        ),
        ' ; '
        order by delivery.delivery_id
    ) as record_locator,
    string_agg({{ french_number('delivery.days_late', 0) | indent(4) }}, ' ; ' order by delivery.delivery_id) as record_literal,
    null::text as figure_ids
from delivery
group by delivery.quarter, grouping sets ((), (delivery.source_code))
