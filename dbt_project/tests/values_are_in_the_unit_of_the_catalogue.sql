select distinct
    value.indicator_code,
    value.origin,
    value.unit_code,
    indicator.unit_code as unit_of_the_catalogue
from {{ ref('fct_indicator_values') }} as value
inner join {{ ref('dim_indicator') }} as indicator on value.indicator_code = indicator.indicator_code
where value.unit_code != indicator.unit_code
