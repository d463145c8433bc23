{#-
    What is projected is never a value: no row of the value table is one of these projections, and no year that is
    projected was already observed in the same series.
-#}
{% test projections_stay_out_of_the_values(model) %}
select
    projection.series_key,
    projection.period_code,
    case when value.publisher_code = 'ponam' then 'is a value' else 'is observed' end as fault
from {{ model }} as projection
inner join {{ ref('fct_indicator_values') }} as value
    on
        projection.indicator_code = value.indicator_code
        and projection.period_code = value.period_code
        and {{ same_breakdowns('projection', 'value') | indent(8) }}
        and projection.concept_code = value.concept_code
where
    (value.publisher_code = 'ponam' and projection.value = value.value)
    or (
        projection.measure_code = '_T'
        and projection.observed_by = value.publisher_code
        and value.obs_status = 'A'
        and value.is_current
    )
union all
select
    projection.series_key,
    projection.period_code,
    'is observed' as fault
from {{ model }} as projection
inner join {{ ref('projection_series') }} as series
    on projection.series_key = series.series_key and projection.period_code::integer <= series.last_year
{% endtest %}
