-- A line that a publication renames would fall silently out of the figures: every mapped series has some in service.
select
    series.dataset_code,
    series.series_code,
    series.item_label,
    series.measure_code
from {{ ref('series_measures') }} as series
where
    series.dataset_code in (select figure.dataset_code from {{ ref('int_figures') }} as figure)
    and not exists (
        select 1
        from {{ ref('int_figures') }} as figure
        where
            figure.dataset_code = series.dataset_code
            and figure.measure_code = series.measure_code
            and figure.concept_code = series.concept_code
            and figure.valid_to is null
    )
