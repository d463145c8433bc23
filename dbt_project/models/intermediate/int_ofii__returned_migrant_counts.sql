{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='delivery_id',
    indexes=[{'columns': ['delivery_id']}]
) }}
{{ person_counts(
    source('staging', 'ofii__returned_migrants'),
    'ofii.returned_migrants',
    {
        'month_start': 'record.returned_on - (extract(day from record.returned_on)::integer - 1)',
        'region_code': 'record.region_code',
        'cercle_code': "coalesce(record.cercle_code, '_U')",
        'sex_code': 'record.sex_code',
        'counterpart_area_code': 'record.counterpart_area_code',
    }
) }}
