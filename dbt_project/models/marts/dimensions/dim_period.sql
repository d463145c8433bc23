with period as (
    select
        period_code,
        period_start,
        period_end
    from {{ ref('int_figures') }}
    union
    select
        period_code,
        period_start,
        period_end
    from {{ ref('indicator_value_versions') }}
)

select
    period_code,
    period_start,
    period_end,
    extract(year from period_end)::integer as year,
    period_end - period_start + 1 as days,
    {{ french_period('period_code') }} as name_fr
from period
