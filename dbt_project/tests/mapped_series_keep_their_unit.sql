-- Values of a mapped series that are printed in a unit which series_measures does not describe: they are left out of
-- the figures, so somebody must look.
with printed as (
    select
        dataset_code,
        table_code as series_code,
        item_label,
        unit_label as printed_unit,
        edition,
        record_locator
    from {{ ref('stg_bceao__bulletin') }}
    where is_in_service and value is not null
    union all
    select
        dataset_code,
        series_code,
        series_label as item_label,
        concat_ws(' · ', unit_label, magnitude_label) as printed_unit,
        edition,
        record_locator
    from {{ ref('stg_bceao__eden') }}
    where is_in_service and value is not null
)

select printed.*
from printed
where
    exists (
        select 1
        from {{ ref('series_measures') }} as series
        where
            series.dataset_code = printed.dataset_code
            and series.series_code = printed.series_code
            and series.item_label in ('*', printed.item_label)
    )
    and not exists (
        select 1
        from {{ ref('series_measures') }} as series
        where
            series.dataset_code = printed.dataset_code
            and series.series_code = printed.series_code
            and series.item_label in ('*', printed.item_label)
            and series.printed_unit = printed.printed_unit
    )
