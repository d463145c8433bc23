select
    {{ ledger_columns() }},
    record.series_code,
    record.route_label,
    record.period_code,
    record.value
{{ from_accepted(source('staging', 'international__iom_missing_migrants')) }}
