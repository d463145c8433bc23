{#-
    What nobody prints and the warehouse adds up from the ministry's workbooks: returns over kind and sex, consular
    documents over the posts of a country, each by country and for all, month by month, and for all over the years of
    which every month is in service. One row per stretch of time in which the same parts were in service, so that a correction
    ends one sum and begins another. A post that has not answered makes the sums that miss it provisional.
-#}
with part as (
    {%- for records in ['stg_ministry__returns', 'stg_ministry__consular_documents'] %}
    select
        record.measure_code,
        record.period_code,
        record.counterpart_area_code,
        record.value,
        record.unit_code,
        record.value is not null as is_answer,
        {{ provenance('record') | indent(4) }}
    from {{ ref(records) }} as record
    where
        record.record_kind = 'data'
        {%- if records == 'stg_ministry__returns' %}
        -- Nobody has to declare that nobody returned: an empty cell of returns is not an answer that is missing.
        and record.value is not null
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- The sums that each part belongs to: its country's, all countries', and the year's if it is of a month.
addend as (
    select
        *,
        period_code as total_period_code,
        counterpart_area_code as total_counterpart_area_code,
        false as is_year_of_months
    from part
    where counterpart_area_code != '_T'
    union all
    select
        *,
        period_code as total_period_code,
        '_T' as total_counterpart_area_code,
        false as is_year_of_months
    from part
    union all
    select
        *,
        {{ period_year('period_code') | indent(4) }}::text as total_period_code,
        '_T' as total_counterpart_area_code,
        true as is_year_of_months
    from part
    where {{ is_month('period_code') }}
),

-- A sum can change only on a day when some part of it comes or goes.
change as (
    select
        measure_code,
        unit_code,
        total_period_code,
        total_counterpart_area_code,
        published_on as day
    from addend
    union
    select
        measure_code,
        unit_code,
        total_period_code,
        total_counterpart_area_code,
        valid_to as day
    from addend
    where valid_to is not null
),

turning_point as (
    select
        *,
        lead(day) over (
            partition by measure_code, unit_code, total_period_code, total_counterpart_area_code
            order by day
        ) as next_day
    from change
)

select
    addend.measure_code,
    addend.total_period_code as period_code,
    'MLI' as area_code,
    addend.total_counterpart_area_code as counterpart_area_code,
    '_T' as sector_code,
    '_T' as funder_code,
    '_T' as sex_code,
    '_T' as concept_code,
    addend.unit_code,
    '=' as qualifier,
    'ponam' as publisher_code,
    turning_point.day as published_on,
    turning_point.next_day as valid_to,
    sum(addend.value) as value,
    case when bool_and(addend.is_answer) then 'A' else 'P' end as obs_status,
    concat_ws(
        ':', 'sum', addend.measure_code, addend.total_period_code, addend.total_counterpart_area_code, turning_point.day
    ) as figure_id,
    string_agg(addend.figure_id, ' ' order by addend.figure_id) filter (where addend.is_answer) as figure_ids,
    max(addend.delivery_id) as delivery_id,
    min(addend.dataset_code) as dataset_code,
    concat(min(addend.dataset_code), ' : somme de ', count(*) filter (where addend.is_answer), ' chiffres') as record_locator,
    string_agg(
        addend.record_literal, ' + '
        order by addend.figure_id
    ) filter (where addend.is_answer) as record_literal
from turning_point
inner join addend
    on
        turning_point.measure_code = addend.measure_code
        and turning_point.unit_code = addend.unit_code
        and turning_point.total_period_code = addend.total_period_code
        and turning_point.total_counterpart_area_code = addend.total_counterpart_area_code
        and {{ known_on('addend', 'turning_point.day') }}
group by
    addend.measure_code,
    addend.unit_code,
    addend.total_period_code,
    addend.total_counterpart_area_code,
    turning_point.day,
    turning_point.next_day
having
    bool_or(addend.is_answer)
    -- Months and a whole year are never added up.
    and (
        not bool_or(addend.is_year_of_months)
        or bool_and(addend.is_year_of_months)
        and count(distinct addend.period_code) filter (where addend.is_answer) = 12
    )
