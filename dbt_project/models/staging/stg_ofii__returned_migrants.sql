-- Without the names and the number: their pseudonyms tell persons apart in staging, and nothing here needs them.
select
    {{ ledger_columns() }},
    record.sex_code,
    record.birth_year,
    record.counterpart_area_code,
    record.region_code,
    record.cercle_code,
    record.is_assisted,
    record.has_project,
    record.returned_on
{{ from_accepted(source('staging', 'ofii__returned_migrants')) }}
