-- Without the names, the address and the structure, which are pseudonyms in staging.
select
    {{ ledger_columns() }},
    record.sector_code,
    record.counterpart_area_code,
    record.started_on,
    record.ended_on
{{ from_accepted(source('staging', 'tokten__experts')) }}
