-- Only the lines that series_measures names become figures: GDP of each country, and what the tables say of remittances.
{{ figures_of_series(
    'stg_bceao__bulletin',
    series_code='record.table_code',
    where_series="series.item_label in ('*', record.item_label) and record.unit_label = series.printed_unit",
    obs_status='record.obs_status',
    areas=none
) }}
