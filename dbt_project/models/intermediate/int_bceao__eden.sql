-- EDEN prints no status: what it publishes is taken as actual.
{{ figures_of_series(
    'stg_bceao__eden',
    where_series="series.printed_unit = concat_ws(' · ', record.unit_label, record.magnitude_label)"
) }}
