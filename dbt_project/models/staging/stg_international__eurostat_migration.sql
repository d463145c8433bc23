select
    {{ ledger_columns() }},
    record.series_code,
    record.area_code,
    record.counterpart_area_code,
    record.period_code,
    record.value,
    record.flag
{{ from_accepted(source('staging', 'international__eurostat_migration')) }}
