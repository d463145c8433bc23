{{ config(contract={'enforced': true}) }}
{#-
    The projections that did better than the naive ones (projection_verdicts), made from the values in service now.
    Never a value of an indicator: nothing reads this table but reports.
-#}
select
    series.series_key,
    series.indicator_code,
    series.measure_code,
    projected.year::text as period_code,
    make_date(projected.year, 1, 1) as period_start,
    make_date(projected.year, 12, 31) as period_end,
    {{ breakdowns('series') }},
    series.concept_code,
    projected.value,
    projected.lower_80,
    projected.upper_80,
    projected.lower_95,
    projected.upper_95,
    series.unit_code,
    'F' as obs_status,
    'computed' as origin,
    'ponam' as publisher_code,
    projected.horizon,
    projected.method_code,
    projected.library,
    projected.computed_at,
    series.first_year as observed_from,
    series.last_year as observed_to,
    series.publisher_code as observed_by,
    series.newest_published_on,
    series.newest_delivery_id,
    series.delivery_ids
from {{ ref('int_projection_values') }} as projected
inner join {{ ref('projection_series') }} as series
    on projected.series_key = series.series_key and projected.fingerprint = series.fingerprint
inner join {{ ref('projection_verdicts') }} as verdict
    on series.series_key = verdict.series_key and verdict.is_published
