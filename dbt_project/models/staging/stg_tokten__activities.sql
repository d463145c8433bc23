select
    {{ ledger_columns() }},
    record.measure_code,
    record.sector_code,
    record.period_code,
    record.value,
    record.unit_code
{{ from_accepted(source('staging', 'tokten__activities')) }}
