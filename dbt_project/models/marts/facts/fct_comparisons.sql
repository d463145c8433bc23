{#-
    International series that stand beside an indicator without being it: another definition, another coverage, another
    population. The figures in service now, with their publisher and licence; nothing here is ever added to the indicator.
-#}
select
    series.indicator_code,
    figure.measure_code,
    measure.label_fr as measure_name_fr,
    figure.period_code,
    figure.period_start,
    figure.period_end,
    {{ breakdowns('figure') }},
    figure.concept_code,
    figure.value,
    figure.unit_code,
    figure.obs_status,
    figure.publisher_code,
    dataset.licence,
    figure.published_on,
    figure.delivery_id,
    figure.dataset_code,
    figure.record_locator,
    figure.record_literal,
    series.difference_fr
from {{ ref('int_figures') }} as figure
inner join {{ ref('comparison_series') }} as series on figure.measure_code = series.measure_code
inner join {{ ref('measures') }} as measure on figure.measure_code = measure.code
inner join {{ source('meta', 'datasets') }} as dataset on figure.dataset_code = dataset.dataset_code
where figure.valid_to is null
