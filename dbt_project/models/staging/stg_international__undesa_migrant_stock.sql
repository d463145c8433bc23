select
    {{ ledger_columns() }},
    record.counterpart_area_code,
    record.period_code,
    record.value
{{ from_accepted(source('staging', 'international__undesa_migrant_stock')) }}
