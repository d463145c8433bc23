select
    {{ ledger_columns() }},
    record.area_code,
    record.series_code,
    record.series_label,
    record.unit_label,
    record.magnitude_label,
    record.period_code,
    record.value
{{ from_accepted(source('staging', 'bceao__eden')) }}
