select
    {{ ledger_columns() }},
    record.area_code,
    record.series_code,
    record.series_label,
    record.period_code,
    record.value
{{ from_accepted(source('staging', 'international__world_bank')) }}
