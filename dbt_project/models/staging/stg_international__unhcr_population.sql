select
    {{ ledger_columns() }},
    record.area_code,
    record.population_code,
    record.period_code,
    record.value
{{ from_accepted(source('staging', 'international__unhcr_population')) }}
