{#-
    Accepted deliveries and the day on which their calendar promised them: the end of the newest period that they answer
    for, as the release calendar reads it, plus the delay agreed in the contract. Without a periodicity nothing was promised.
-#}
with newest_period as (
    select
        answered.delivery_id,
        max(answered.period_end) as period_end
    from (
        {{ answered_periods('(' ~ record_versions() ~ ')') | indent(8) }}
    ) as answered
    group by answered.delivery_id
)

select
    delivery.delivery_id,
    delivery.dataset_code,
    dataset.source_code,
    delivery.edition,
    delivery.published_on,
    case
        when dataset.contract -> 'calendar' ->> 'frequency' != 'irregular'
            then newest_period.period_end + (dataset.contract -> 'calendar' ->> 'lag_days')::integer
    end as expected_on
from {{ source('meta', 'deliveries') }} as delivery
inner join {{ source('meta', 'datasets') }} as dataset on delivery.dataset_code = dataset.dataset_code
left join newest_period on delivery.delivery_id = newest_period.delivery_id
where delivery.status = 'accepted'
