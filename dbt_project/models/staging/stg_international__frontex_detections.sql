select
    {{ ledger_columns() }},
    record.route_label,
    record.area_code,
    record.period_code,
    record.value
{{ from_accepted(source('staging', 'international__frontex_detections')) }}
