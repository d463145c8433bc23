select
    {{ ledger_columns() }},
    record.measure_code,
    record.post_label,
    record.counterpart_area_code,
    record.period_code,
    record.value,
    record.unit_code
{{ from_accepted(source('staging', 'ministry__consular_documents')) }}
