select
    {{ ledger_columns() }},
    record.measure_code,
    record.concept_code,
    record.counterpart_area_code,
    record.sex_code,
    record.period_code,
    record.value,
    record.unit_code
{{ from_accepted(source('staging', 'ministry__returns')) }}
