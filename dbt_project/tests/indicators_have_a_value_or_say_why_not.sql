-- An indicator without any value says why in its entry; one that says so although it has values is out of date.
select
    indicator.indicator_code,
    indicator.no_value_reason_fr,
    count(value.indicator_code) as values_found
from {{ ref('dim_indicator') }} as indicator
left join {{ ref('fct_indicator_values') }} as value on indicator.indicator_code = value.indicator_code
group by indicator.indicator_code, indicator.no_value_reason_fr
having (count(value.indicator_code) = 0) != (indicator.no_value_reason_fr is not null)
