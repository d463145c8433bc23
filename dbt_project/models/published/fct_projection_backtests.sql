{#-
    How the method and both naive forecasts did on the past of each eligible series, by horizon and over all of them
    (horizon 0). Trials of other values than those in service now are left out.
-#}
with trial as (
    select
        trial.series_key,
        trial.model_code,
        trial.horizon,
        abs(trial.observed - trial.forecast) / nullif(trial.scale, 0) as scaled_error,
        200 * abs(trial.observed - trial.forecast) / (trial.observed + trial.forecast) as percentage_error,
        (trial.observed between trial.lower_80 and trial.upper_80)::integer as is_in_80,
        (trial.observed between trial.lower_95 and trial.upper_95)::integer as is_in_95
    from {{ ref('int_projection_trials') }} as trial
    inner join {{ ref('projection_series') }} as series
        on trial.series_key = series.series_key and trial.fingerprint = series.fingerprint and series.is_eligible
)

select
    series_key,
    model_code,
    coalesce(horizon, 0) as horizon,
    count(*) as number_of_trials,
    trim_scale(round(avg(scaled_error), 3)) as mase,
    trim_scale(round(avg(percentage_error), 2)) as smape_pct,
    trim_scale(round(avg(is_in_80) * 100, 1)) as coverage_80_pct,
    trim_scale(round(avg(is_in_95) * 100, 1)) as coverage_95_pct
from trial
group by grouping sets ((series_key, model_code, horizon), (series_key, model_code))
