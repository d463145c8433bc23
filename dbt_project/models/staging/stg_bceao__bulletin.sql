select
    {{ ledger_columns() }},
    record.table_code,
    record.item_label,
    record.item_rank,
    record.area_code,
    record.period_code,
    record.obs_status,
    record.unit_label,
    record.value
{{ from_accepted(source('staging', 'bceao__bulletin')) }}
