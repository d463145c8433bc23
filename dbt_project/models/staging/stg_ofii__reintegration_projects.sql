select
    {{ ledger_columns() }},
    record.measure_code,
    record.funder_code,
    record.period_code,
    record.value,
    record.unit_code,
    record.citation
{{ from_accepted(source('staging', 'ofii__reintegration_projects')) }}
