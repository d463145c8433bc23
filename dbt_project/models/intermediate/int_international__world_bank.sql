-- One indicator of the World Bank, one measure. No status is printed beside a value.
{{ figures_of_series('stg_international__world_bank') }}
