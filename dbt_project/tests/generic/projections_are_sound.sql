{#- Nested intervals around the value, which widen with time; three years, the first after the last observed one. -#}
{% test projections_are_sound(model) %}
select
    series_key,
    horizon,
    period_code,
    lower_95,
    lower_80,
    value,
    upper_80,
    upper_95
from (
    select
        *,
        count(*) over (partition by series_key) as years,
        lag(upper_95 / lower_95) over (partition by series_key order by horizon) as width_before
    from {{ model }}
) as projection
where
    not (lower_95 <= lower_80 and lower_80 <= value and value <= upper_80 and upper_80 <= upper_95)
    or lower_95 <= 0
    or period_code::integer != observed_to + horizon
    or years != 3
    or horizon not between 1 and 3
    or upper_95 / lower_95 < width_before
{% endtest %}
