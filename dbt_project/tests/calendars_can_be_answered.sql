-- A calendar of months or quarters over periods that are all longer, with editions that name none: most of what it expects
-- would be missed or late for ever, whatever comes.
select
    dataset.dataset_code,
    dataset.contract -> 'calendar' ->> 'frequency' as frequency,
    min(answered.period_code) as a_period_of_its_records
from (
    select
        version.dataset_code,
        version.period_code,
        {{ period_end('version.period_code') | indent(8) }} - {{ period_start('version.period_code') | indent(8) }} + 1 as days
    from {{ ref('record_versions') }} as version
) as answered
inner join {{ source('meta', 'datasets') }} as dataset on answered.dataset_code = dataset.dataset_code
where
    not exists (
        select 1
        from {{ source('meta', 'deliveries') }} as delivery
        where
            delivery.dataset_code = dataset.dataset_code
            and delivery.status = 'accepted'
            and {{ edition_names_its_period() | indent(12) }}
    )
group by dataset.dataset_code, dataset.contract
having min(answered.days) > case dataset.contract -> 'calendar' ->> 'frequency'
    when 'D' then 1
    when 'M' then 31
    when 'Q' then 92
    when 'S' then 184
end
