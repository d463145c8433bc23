-- The areas of origin of a year's remittances are printed as shares: together they are 100, but for rounding.
select
    period_code,
    publisher_code,
    sum(value) as total_pct
from {{ ref('fct_indicator_values') }}
where indicator_code = 'PON-4-05' and is_current and counterpart_area_code != '_T'
group by period_code, publisher_code
having abs(sum(value) - 100) > 0.15
