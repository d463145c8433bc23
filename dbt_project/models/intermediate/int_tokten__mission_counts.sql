{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='delivery_id',
    indexes=[{'columns': ['delivery_id']}]
) }}
{{ person_counts(
    source('staging', 'tokten__experts'),
    'tokten.experts',
    {
        'month_start': 'record.started_on - (extract(day from record.started_on)::integer - 1)',
        'sector_code': 'record.sector_code',
        'counterpart_area_code': 'record.counterpart_area_code',
    }
) }}
