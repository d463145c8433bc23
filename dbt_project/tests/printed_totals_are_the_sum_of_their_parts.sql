select
    indicator_code,
    period_code,
    comparison,
    publisher_code,
    declared_value,
    computed_value,
    difference,
    declared_locator,
    computed_locator
from {{ ref('fct_declared_computed') }}
where comparison like 'sum over %' and verdict != 'holds'
