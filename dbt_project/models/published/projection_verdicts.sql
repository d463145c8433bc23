{#-
    Whether the projection of each candidate series is published, and otherwise why not. The criterion is in
    DECISIONLOG.md, written before the first trial: better than both naive forecasts at every horizon, and intervals
    that held.
-#}
{%- set least_coverage_80 = 65 -%}
{%- set least_coverage_95 = 85 -%}
with tried as (
    select
        method.series_key,
        bool_and(
            method.horizon = 0
            or (method.mase < random_walk.mase and method.mase < random_walk_drift.mase)
        ) as is_better_at_each_horizon,
        max(method.number_of_trials) filter (where method.horizon = 0) as number_of_trials,
        max(method.mase) filter (where method.horizon = 0) as mase,
        max(random_walk.mase) filter (where method.horizon = 0) as random_walk_mase,
        max(random_walk_drift.mase) filter (where method.horizon = 0) as random_walk_drift_mase,
        max(method.smape_pct) filter (where method.horizon = 0) as smape_pct,
        max(random_walk.smape_pct) filter (where method.horizon = 0) as random_walk_smape_pct,
        max(random_walk_drift.smape_pct) filter (where method.horizon = 0) as random_walk_drift_smape_pct,
        max(method.coverage_80_pct) filter (where method.horizon = 0) as coverage_80_pct,
        max(method.coverage_95_pct) filter (where method.horizon = 0) as coverage_95_pct
    from {{ ref('fct_projection_backtests') }} as method
    inner join {{ ref('fct_projection_backtests') }} as random_walk
        on
            method.series_key = random_walk.series_key
            and method.horizon = random_walk.horizon
            and random_walk.model_code = 'RANDOM_WALK'
    inner join {{ ref('fct_projection_backtests') }} as random_walk_drift
        on
            method.series_key = random_walk_drift.series_key
            and method.horizon = random_walk_drift.horizon
            and random_walk_drift.model_code = 'RANDOM_WALK_DRIFT'
    where method.model_code not in ('RANDOM_WALK', 'RANDOM_WALK_DRIFT')
    group by method.series_key
),

judged as (
    select
        series.series_key,
        series.indicator_code,
        series.measure_code,
        series.counterpart_area_code,
        series.concept_code,
        series.publisher_code,
        series.origin,
        series.unit_code,
        series.is_eligible,
        series.number_of_years,
        series.first_year,
        series.last_year,
        tried.number_of_trials,
        tried.mase,
        tried.random_walk_mase,
        tried.random_walk_drift_mase,
        tried.smape_pct,
        tried.random_walk_smape_pct,
        tried.random_walk_drift_smape_pct,
        tried.coverage_80_pct,
        tried.coverage_95_pct,
        case
            when not series.is_eligible then series.reason_fr
            when tried.series_key is null then 'Pas encore calculée sur les valeurs en service.'
            when not coalesce(tried.is_better_at_each_horizon, false)
                then 'Essayée sur le passé, la méthode ne fait pas mieux que la prévision naïve à chaque horizon.'
            when not tried.smape_pct < least(tried.random_walk_smape_pct, tried.random_walk_drift_smape_pct)
                then 'Essayée sur le passé, la méthode ne fait pas mieux que la prévision naïve en erreur relative.'
            when tried.coverage_80_pct < {{ least_coverage_80 }} or tried.coverage_95_pct < {{ least_coverage_95 }}
                then 'Essayés sur le passé, les intervalles ont trop rarement contenu ce qui fut observé.'
        end as reason_fr
    from {{ ref('projection_series') }} as series
    left join tried on series.series_key = tried.series_key
)

select
    *,
    reason_fr is null as is_published
from judged
