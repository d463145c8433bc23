{{ config(materialized='view') }}
{#- A view on the ledger's own tables: it reads nothing that a build replaces. -#}
-- depends_on: {{ source('meta', 'deliveries') }}
{{ record_versions() }}
