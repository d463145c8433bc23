select
    {{ ledger_columns() }},
    record.citation_code,
    record.measure_code,
    record.concept_code,
    record.area_code,
    record.counterpart_area_code,
    record.period_code,
    record.value,
    record.unit_code,
    record.qualifier,
    record.obs_status,
    record.publisher_code as media_code,
    record.authority_code,
    record.stated_on,
    record.stated_on_label,
    record.citation
{{ from_accepted(source('staging', 'ministry__remittance_citations')) }}
